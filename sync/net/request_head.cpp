#include "sync/net/request_head.hpp"

#include <algorithm>
#include <array>
#include <boost/beast/http/basic_parser.hpp>
#include <charconv>

namespace obol::net {
namespace {

namespace http = boost::beast::http;

constexpr std::string_view malformed = "malformed_request";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

bool is_known_verb(std::string_view method) {
    static constexpr std::array<std::string_view, 7> verbs{"GET",    "POST",    "PUT", "PATCH",
                                                           "DELETE", "OPTIONS", "HEAD"};
    return std::find(verbs.begin(), verbs.end(), method) != verbs.end();
}

bool carries_body(std::string_view method) {
    return method == "POST" || method == "PUT" || method == "PATCH";
}

// Fields of which a second one would let two readers understand one request differently.
bool must_be_single(std::string_view name) {
    static constexpr std::array<std::string_view, 9> names{
        "host",   "content-length",  "content-type",   "authorization",   "origin",
        "accept", "idempotency-key", "sec-fetch-site", "content-encoding"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

// Takes Beast's events straight into the Request; no field container is built on the way.
class HeadParser final : public http::basic_parser<true> {
public:
    HeadParser(const Limits& limits, Request& request) : limits_(limits), request_(request) {
        header_limit(static_cast<std::uint32_t>(limits.header_bytes));
        body_limit(boost::none);  // the length is judged from the head; Beast never sees a body
    }

    int version = 0;
    std::string_view target;
    std::optional<Refusal> refusal;

private:
    using error_code = boost::beast::error_code;
    using view = boost::beast::string_view;

    static std::string_view text(view v) { return {v.data(), v.size()}; }

    void on_request_impl(http::verb, view method, view target_text, int http_version,
                         error_code&) override {
        request_.method.assign(method.data(), method.size());
        target = text(target_text);
        version = http_version;
    }
    void on_response_impl(int, view, int, error_code&) override {}
    void on_field_impl(http::field, view name, view value, error_code&) override {
        if (request_.headers.size() >= limits_.fields) {
            refusal = Refusal{431, "header_too_large", "too many header fields"};
            return;
        }
        std::string low(name.data(), name.size());
        std::transform(low.begin(), low.end(), low.begin(), lower);
        const auto same = [&low](const auto& field) { return field.first == low; };
        if (must_be_single(low) &&
            std::any_of(request_.headers.begin(), request_.headers.end(), same)) {
            refusal = Refusal{400, malformed, "a header field is repeated"};
        }
        request_.headers.emplace_back(std::move(low), std::string(value.data(), value.size()));
    }
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
    std::size_t on_body_impl(view, error_code&) override { return 0; }
    void on_chunk_header_impl(std::uint64_t, view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, view, error_code&) override { return 0; }
    void on_finish_impl(error_code&) override {}

    const Limits& limits_;
    Request& request_;
};

std::optional<Refusal> read_target(std::string_view target, const Limits& limits,
                                   Request& request) {
    if (target.size() > limits.target_bytes) {
        return Refusal{414, "target_too_long", "the request target is too long"};
    }
    if (target.empty() || target.front() != '/' || target.starts_with("//")) {
        return Refusal{400, malformed, "the request target is not in origin form"};
    }
    for (const char c : target) {
        if (c <= 0x20 || c >= 0x7f || c == '#') {
            return Refusal{400, malformed, "the request target is not printable ASCII"};
        }
    }
    const std::size_t mark = target.find('?');
    const auto path = percent_decoded(target.substr(0, mark), false);
    if (!path ||
        std::any_of(path->begin(), path->end(), [](char c) { return c < 0x20 || c >= 0x7f; })) {
        return Refusal{400, malformed, "the path has a broken or forbidden escape"};
    }
    request.path = *path;
    request.query =
        mark == std::string_view::npos ? std::string() : std::string(target.substr(mark + 1));
    return std::nullopt;
}

std::optional<Refusal> judge_host(const Request& request, const std::vector<std::string>& hosts) {
    const std::string_view host = request.header("host");
    if (host.empty()) return Refusal{400, malformed, "the Host field is missing"};
    for (const std::string& served : hosts) {
        if (served == "*" || equal_ignoring_case(served, host)) return std::nullopt;
    }
    return Refusal{421, "wrong_host", "this host is not served here"};
}

std::optional<Refusal> judge_length(const Request& request, const Limits& limits, Head& out) {
    const auto is_length = [](const auto& field) { return field.first == "content-length"; };
    const auto field = std::find_if(request.headers.begin(), request.headers.end(), is_length);
    if (field == request.headers.end()) {
        if (!carries_body(request.method)) return std::nullopt;
        return Refusal{411, "length_required", "Content-Length is missing"};
    }
    const std::string& value = field->second;
    if (value.empty() || value.find_first_not_of("0123456789") != std::string::npos) {
        return Refusal{400, malformed, "Content-Length is not a number"};
    }
    const auto parsed =
        std::from_chars(value.data(), value.data() + value.size(), out.content_length);
    if (parsed.ec != std::errc{} || out.content_length > limits.body_bytes) {
        return Refusal{413, "body_too_large", "the body is too large"};
    }
    if (out.content_length > 0 && !carries_body(request.method)) {
        return Refusal{400, malformed, "this method takes no body"};
    }
    return std::nullopt;
}

std::optional<Refusal> judge_connection(const Request& request, Head& out) {
    for (const auto& [name, value] : request.headers) {
        if (name == "connection") {
            // A list; only `close` matters to us.
            for (std::size_t i = 0; i + 5 <= value.size(); ++i) {
                out.close |= equal_ignoring_case(std::string_view(value).substr(i, 5), "close");
            }
        } else if (name == "expect") {
            if (!equal_ignoring_case(value, "100-continue")) {
                return Refusal{400, malformed, "this expectation is not met here"};
            }
            out.expects_continue = true;
        }
    }
    return std::nullopt;
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

HeadScanner::Found HeadScanner::refuse(int status, std::string_view code, std::string_view detail) {
    refusal_ = Refusal{status, code, detail};
    return Found::refused;
}

HeadScanner::Found HeadScanner::scan(std::string_view text, const Limits& limits) {
    while (true) {
        const std::size_t feed = text.find('\n', seen_);
        const std::size_t line_end = feed == std::string_view::npos ? text.size() : feed + 1;
        if (line_end > limits.header_bytes) {
            if (lines_ == 0)
                return refuse(414, "target_too_long", "the request target is too long");
            return refuse(431, "header_too_large", "the header is too large");
        }
        if (feed == std::string_view::npos) return Found::more;
        const std::string_view line = text.substr(seen_, line_end - seen_);
        if (line.size() < 2 || line[line.size() - 2] != '\r') {
            return refuse(400, malformed, "a line ends without CR");
        }
        if (line.find('\r') != line.size() - 2 || line.find('\0') != std::string_view::npos) {
            return refuse(400, malformed, "a control character in the header");
        }
        seen_ = line_end;
        if (line.size() == 2) {
            if (lines_ == 0) return refuse(400, malformed, "the request line is empty");
            return Found::complete;
        }
        // Folded lines are obsolete (RFC 9112 5.2) and read differently by different programs.
        if (lines_ > 0 && (line.front() == ' ' || line.front() == '\t')) {
            return refuse(400, malformed, "a header line is folded");
        }
        ++lines_;
        if (lines_ > limits.fields + 1)
            return refuse(431, "header_too_large", "too many header fields");
    }
}

std::optional<Refusal> read_head(std::string_view head, const Limits& limits,
                                 const std::vector<std::string>& hosts, Request& request,
                                 Head& out) {
    request.headers.reserve(16);
    HeadParser parser(limits, request);
    boost::beast::error_code error;
    parser.put(boost::asio::const_buffer(head.data(), head.size()), error);
    if (parser.refusal) return parser.refusal;
    if (error || !parser.is_header_done())
        return Refusal{400, malformed, "not a well-formed request"};
    if (parser.version != 11) return Refusal{400, malformed, "only HTTP/1.1 is spoken here"};
    for (const auto& [name, value] : request.headers) {
        if (name == "transfer-encoding")
            return Refusal{400, malformed, "no transfer encoding is taken"};
    }
    if (auto no = read_target(parser.target, limits, request)) return no;
    if (auto no = judge_host(request, hosts)) return no;
    if (!is_known_verb(request.method)) {
        return Refusal{405, "method_not_allowed", "this method is not known here"};
    }
    if (auto no = judge_connection(request, out)) return no;
    return judge_length(request, limits, out);
}

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            if (i + 2 >= text.size()) return std::nullopt;
            const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += plus_is_space && text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

std::string_view Request::header(std::string_view lower_case_name) const {
    for (const auto& [name, value] : headers) {
        if (name == lower_case_name) return value;
    }
    return {};
}

std::optional<std::string> Request::query_value(std::string_view name) const {
    std::string_view rest = query;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('&'), rest.size());
        const std::string_view pair = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        const std::size_t equals = std::min(pair.find('='), pair.size());
        if (percent_decoded(pair.substr(0, equals), true) != name) continue;
        return percent_decoded(pair.substr(std::min(equals + 1, pair.size())), true);
    }
    return std::nullopt;
}

std::string_view Response::header(std::string_view lower_case_name) const {
    for (const auto& [name, value] : headers) {
        if (name == lower_case_name) return value;
    }
    return {};
}

}  // namespace obol::net
