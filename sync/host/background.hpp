#pragma once
// For work that nobody waits for.

namespace obol::host {

// From here on the calling thread has a tenth of the processor where others want it, too, and the disk when
// they do not.
void work_in_the_background();

}  // namespace obol::host
