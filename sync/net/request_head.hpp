#pragma once
// From the raw bytes of a request's head to a Request, or the reason why it is refused. Beast 1.81
// reads the grammar; what it accepts and we must not (THREATS 3.2) is refused here, before any
// routing. Pure functions of their bytes. Private to sync/net.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sync/net/http.hpp"

namespace obol::net {

struct Refusal {
    int status;
    std::string_view code;
    std::string_view detail;
};

// Looks for the end of a head as bytes arrive; a whole line is looked at once.
class HeadScanner {
public:
    enum class Found { more, complete, refused };

    // `text` is all that has arrived of this request so far.
    Found scan(std::string_view text, const Limits& limits);
    std::size_t head_size() const { return seen_; }  // once complete, with the empty line
    const Refusal& refusal() const { return refusal_; }

private:
    Found refuse(int status, std::string_view code, std::string_view detail);

    std::size_t seen_ = 0;  // bytes in whole lines
    std::size_t lines_ = 0;
    Refusal refusal_{};
};

struct Head {
    std::size_t content_length = 0;
    bool close = false;  // the client closes after this exchange
    bool expects_continue = false;
};

// `head` is a complete head as HeadScanner found it; `hosts` as in ServerOptions. Fills method,
// path, query and headers of `request`.
std::optional<Refusal> read_head(std::string_view head, const Limits& limits,
                                 const std::vector<std::string>& hosts, Request& request,
                                 Head& out);

// nullopt: a broken escape.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space);

}  // namespace obol::net
