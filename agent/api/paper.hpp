#pragma once
// A document in the form that was asked for: what will lie on paper, before it does.

#include "agent/api/route.hpp"
#include "agent/devices.hpp"
#include "drivers/ticket/document.hpp"

namespace obol::agent {

inline const std::vector<std::string> paper_types{"text/plain", "text/html", "image/png", "application/vnd.escpos"};

// ?printer=NAME: the paper of that printer; else that of most, 80 mm wide, and text of 42 columns. Fault device_unknown.
struct PaperAsk {
    drivers::Profile profile;
    int text_columns = drivers::usual_paper;
};
Result<PaperAsk> paper_asked(const Context& context, const net::Request& request);

// `type`: one of paper_types.
net::Reply paper_reply(const drivers::Document& document, std::string_view type, const PaperAsk& paper,
                       std::string_view title, std::string_view language);

}  // namespace obol::agent
