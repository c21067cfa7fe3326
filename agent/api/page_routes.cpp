#include "agent/api/page_routes.hpp"

#include <array>
#include <memory>

#include "sync/crypto/crypto.hpp"
#include "web_embedded.hpp"

namespace obol::agent {

namespace {

// Nothing from elsewhere, no inline script or style, and no text that becomes markup or script: a name with
// markup in it can only ever be shown.
constexpr std::string_view policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

struct ContentType {
    std::string_view ending;
    std::string_view type;
    std::string_view charset;
};
constexpr std::array content_types{
    ContentType{".html", "text/html", "; charset=utf-8"},     ContentType{".js", "text/javascript", "; charset=utf-8"},
    ContentType{".css", "text/css", "; charset=utf-8"},       ContentType{".json", "application/json", ""},
    ContentType{".svg", "image/svg+xml", ""},
};

const ContentType& type_of(std::string_view name) {
    for (const ContentType& each : content_types) {
        if (name.ends_with(each.ending)) return each;
    }
    return content_types.front();
}

struct Page {
    std::string_view content{};
    std::string type{};
    std::string tag{};
};

// A browser asks each time whether it has the newest: the pages change with the program that they speak to.
awaitable<net::Reply> send(std::shared_ptr<const Page> page, Call call) {
    net::Reply reply;
    reply.content_type = page->type;
    reply.headers.emplace_back("cache-control", "no-cache");
    reply.headers.emplace_back("etag", page->tag);
    reply.headers.emplace_back("content-security-policy", policy);
    reply.headers.emplace_back("cross-origin-opener-policy", "same-origin");
    reply.headers.emplace_back("cross-origin-resource-policy", "same-origin");
    if (call.request.header("if-none-match") == page->tag) {
        reply.status = 304;
    } else {
        reply.body = page->content;
    }
    co_return reply;
}

Route route_of(std::string pattern, const embedded::web::File& file) {
    const ContentType& type = type_of(file.name);
    auto page = std::make_shared<Page>();
    page->content = file.content;
    page->type = std::string(type.type) + std::string(type.charset);
    const crypto::Digest digest = crypto::sha256(as_bytes(file.content));
    page->tag = "\"" + to_hex(digest).substr(0, 32) + "\"";
    return {"GET", std::move(pattern), Access::open, Body::none,
            [page](Call call) { return send(page, std::move(call)); }, {std::string(type.type)}};
}

// The part behind # stays with the browser, so a pairing code there survives this and is never sent.
awaitable<net::Reply> to_the_till(Call) {
    net::Reply reply;
    reply.status = 302;
    reply.content_type = "text/plain; charset=utf-8";
    reply.headers.emplace_back("location", "/till");
    co_return reply;
}

}  // namespace

Routes page_routes() {
    Routes routes;
    routes.push_back({"GET", "/", Access::open, Body::none, [](Call call) { return to_the_till(std::move(call)); },
                      {"text/html"}});
    for (const embedded::web::File& file : embedded::web::files) {
        const std::string_view name = file.name;
        const bool page = name.ends_with(".html");
        routes.push_back(route_of(page ? "/" + std::string(name.substr(0, name.find('/'))) : "/web/" + std::string(name), file));
    }
    return routes;
}

}  // namespace obol::agent
