#include "agent/api/paper.hpp"

#include "agent/api/words.hpp"
#include "drivers/picture/draw.hpp"
#include "drivers/picture/svg.hpp"
#include "drivers/png/png.hpp"
#include "drivers/printer/tongue.hpp"
#include "drivers/ticket/text.hpp"

namespace obol::agent {

namespace {

Result<std::string> body_of(const drivers::Document& document, std::string_view type, const PaperAsk& paper,
                            std::string_view title, std::string_view language) {
    if (type == "text/html") return drivers::render_html(document, paper.profile.paper, title, language);
    if (type == "application/vnd.escpos") return drivers::render_for(paper.profile, document);
    if (type == "image/png") {
        const Result<std::vector<drivers::Bitmap>> sheets = drivers::draw_sheets(document, paper.profile.paper);
        if (!sheets) return sheets.error();
        return drivers::to_png(drivers::stacked(*sheets), paper.profile.paper.dpi);
    }
    return drivers::render_text(document, paper.text_columns);
}

}  // namespace

Result<PaperAsk> paper_asked(const Context& context, const net::Request& request) {
    const std::optional<std::string> name = request.query_value("printer");
    if (!name) return PaperAsk{profile_named("generic-80mm").value(), drivers::usual_paper};
    DeviceSet::Printer* printer = context.devices == nullptr ? nullptr : context.devices->printer(*name);
    if (printer == nullptr) return Fault{"device_unknown", "there is no printer " + *name};
    return PaperAsk{printer->profile, printer->profile.paper.columns};
}

net::Reply paper_reply(const drivers::Document& document, std::string_view type, const PaperAsk& paper,
                       std::string_view title, std::string_view language) {
    Result<std::string> body = body_of(document, type, paper, title, language);
    // A code that does not fit on narrow paper, say.
    if (!body) return reply_of(problem("not_acceptable", body.error().detail));
    net::Reply reply;
    reply.headers.emplace_back("cache-control", "no-store");
    reply.content_type = type.starts_with("text/") ? std::string(type) + "; charset=utf-8" : std::string(type);
    if (type == "text/html") {
        reply.headers.emplace_back("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
    }
    reply.body = std::move(*body);
    return reply;
}

}  // namespace obol::agent
