#pragma once
// For work that nobody waits for.

namespace obol::host {

// From here on the calling thread has the processor, and the disk, only when others leave it.
void work_in_the_background();

}  // namespace obol::host
