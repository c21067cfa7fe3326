#pragma once
// What is said to a printer of one language, and what its answers mean: all that ReceiptPrinter needs to know of it.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/device.hpp"
#include "drivers/escpos/profile.hpp"
#include "drivers/escpos/status.hpp"

namespace obol::drivers {

// A part of what was heard. life: it is there. status: all of the bits are known anew. printed: all that stood before the
// question is on the paper.
enum class Sign { life, status, printed };

class PrinterTongue {
public:
    virtual ~PrinterTongue() = default;

    virtual Result<std::string> document(const Document& document) const = 0;
    // The same, and from its beginning on the printer tells each change of its status by itself.
    virtual Result<std::string> telling_document(const Document& document) const = 0;
    virtual std::string pulse() const = 0;  // opens the drawer

    virtual std::string tell_status() const = 0;  // by itself from now on
    virtual std::string ask_status() = 0;         // answered by Sign::status, whatever waits in the printer
    virtual std::string ask_printed(OutputId id) = 0;
    // What was asked will not be answered any more; of forget() the rest of an answer neither: the line is another one.
    virtual void forget_questions() = 0;
    virtual void forget() = 0;

    virtual std::vector<Sign> read(std::string_view bytes) = 0;
    virtual const PrinterBits& bits() const = 0;

    // Where the command that `bytes` begins with ends.
    virtual std::optional<std::size_t> command_length(std::string_view bytes) const = 0;
    // Ends a command that lacks at most so many bytes, and drops what waits.
    virtual std::string clear_away(std::size_t missing) const = 0;
    virtual std::string cut() const = 0;  // nothing without a knife
};

// By the language of the profile, which must outlive it.
std::unique_ptr<PrinterTongue> tongue_of(const Profile& profile);

// A document as the bytes of such a printer.
Result<std::string> render_for(const Profile& profile, const Document& document);

}  // namespace obol::drivers
