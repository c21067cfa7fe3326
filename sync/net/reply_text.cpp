#include <charconv>

#include "sync/net/connection.hpp"

namespace obol::net {
namespace {

std::string_view reason_of(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 302:
            return "Found";
        case 304:
            return "Not Modified";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 409:
            return "Conflict";
        case 411:
            return "Length Required";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 421:
            return "Misdirected Request";
        case 422:
            return "Unprocessable Content";
        case 423:
            return "Locked";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 503:
            return "Service Unavailable";
        case 507:
            return "Insufficient Storage";
        default:
            return "Status";
    }
}

void append_number(std::string& out, std::size_t number) {
    char digits[24];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

// A line break in a value would start another header, so none gets through.
void append_field(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ");
    for (const char c : value) out += c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
    out.append("\r\n");
}

}  // namespace

void append_reply(std::string& out, const Reply& reply, bool close, bool without_body) {
    out.reserve(out.size() + 256 + (without_body ? 0 : reply.body.size()));
    out.append("HTTP/1.1 ");
    append_number(out, static_cast<std::size_t>(reply.status));
    out.append(" ").append(reason_of(reply.status)).append("\r\n");
    const bool may_have_body = reply.status != 204 && reply.status != 304;
    if (may_have_body) {
        if (!reply.content_type.empty()) append_field(out, "Content-Type", reply.content_type);
        if (reply.stream) {
            out.append("Transfer-Encoding: chunked\r\n");
        } else {
            out.append("Content-Length: ");
            append_number(out, reply.body.size());
            out.append("\r\n");
        }
    }
    for (const auto& [name, value] : reply.headers) append_field(out, name, value);
    if (close) out.append("Connection: close\r\n");
    out.append("\r\n");
    if (may_have_body && !without_body) out.append(reply.body);
}

void append_chunk(std::string& out, std::string_view piece) {
    if (piece.empty()) {
        out.append(last_chunk);
        return;
    }
    char digits[24];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, piece.size(), 16).ptr);
    out.append("\r\n").append(piece).append("\r\n");
}

}  // namespace obol::net
