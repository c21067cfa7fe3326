#pragma once
// The admin API as a function: a request goes in, a reply comes out, no socket between.

#include <map>

#include "tests/unit/ledger/office_fixture.hpp"

namespace obol::ledger {

class Admin : public OfficeTest {
protected:
    Admin() : api(office()) { import_cafe(); }

    struct Got {
        int status = 0;
        json body;
        net::Reply reply;
        std::string code() const { return body.value("code", ""); }
        std::string header(std::string_view name) const {
            for (const auto& [key, value] : reply.headers) {
                if (key == name) return value;
            }
            return "";
        }
    };
    Got send(net::Request request) {
        Got got;
        got.reply = api.handle(request);
        got.status = got.reply.status;
        if (got.reply.content_type.find("json") != std::string::npos) got.body = json::parse(got.reply.body);
        return got;
    }
    net::Request request(std::string method, const std::string& target, std::string body = "") {
        const std::size_t mark = target.find('?');
        net::Request made = request_of(std::move(method), "/admin/v1" + target.substr(0, mark), std::move(body));
        if (mark != std::string::npos) made.query = target.substr(mark + 1);
        made.headers = {{"authorization", "Bearer " + as(Role::admin)}};
        if (made.method != "GET") made.headers.emplace_back("content-type", "application/json");
        return made;
    }
    const std::string& as(Role role) {
        auto& known = tokens[role];
        if (known.empty()) known = token(role);
        return known;
    }
    Got get(const std::string& target, Role role = Role::admin) {
        auto made = request("GET", target);
        made.headers[0].second = "Bearer " + as(role);
        return send(made);
    }
    Got post(const std::string& target, const json& body, Role role = Role::admin, std::string key = "") {
        auto made = request("POST", target, body.dump());
        made.headers[0].second = "Bearer " + as(role);
        made.headers.emplace_back("idempotency-key", key.empty() ? "k" + std::to_string(++keys_used) : key);
        return send(made);
    }
    Got patch(const std::string& target, const json& body, Role role = Role::admin) {
        auto made = request("PATCH", target, body.dump());
        made.headers[0].second = "Bearer " + as(role);
        return send(made);
    }

    AdminApi api;
    std::map<Role, std::string> tokens;
    int keys_used = 0;
};

}  // namespace obol::ledger
