// The pages are the agent's own files, and tell a browser to let nothing else in.

#include "agent/api/page_routes.hpp"
#include "tests/unit/agent/api_counter.hpp"

namespace obol::agent::testing {
namespace {

class Pages : public Counter {
protected:
    Pages() { router_ = std::make_unique<Router>(*store_, clock, router_timers, Bytes(32, 9), "en", page_routes()); }

    Heard open(const std::string& path, net::Headers headers = {}) {
        Ask ask;
        ask.method = "GET";
        ask.path = path;
        ask.token = "";
        ask.headers = std::move(headers);
        return send(ask);
    }
};

TEST_F(Pages, NeedNoTokenAndForbidEverythingThatIsNotTheirOwn) {
    const Heard till = open("/till", {{"sec-fetch-site", "none"}});
    ASSERT_EQ(till.status, 200);
    EXPECT_EQ(till.content_type, "text/html; charset=utf-8");
    const std::string policy = till.header("content-security-policy");
    for (const char* part : {"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "frame-ancestors 'none'",
                             "require-trusted-types-for 'script'", "trusted-types 'none'"}) {
        EXPECT_NE(policy.find(part), std::string::npos) << part;
    }
    EXPECT_EQ(policy.find("unsafe"), std::string::npos);
    EXPECT_EQ(till.header("x-content-type-options"), "nosniff");
    EXPECT_EQ(till.header("referrer-policy"), "no-referrer");
    EXPECT_EQ(till.body.find("<script>"), std::string::npos);
}

TEST_F(Pages, AreAskedForAnewAndSentOnlyIfTheyChanged) {
    const Heard first = open("/web/till/till.js");
    ASSERT_EQ(first.status, 200);
    EXPECT_EQ(first.content_type, "text/javascript; charset=utf-8");
    EXPECT_EQ(first.header("cache-control"), "no-cache");
    const Heard again = open("/web/till/till.js", {{"if-none-match", first.header("etag")}});
    EXPECT_EQ(again.status, 304);
    EXPECT_TRUE(again.body.empty());
    EXPECT_EQ(open("/web/till/till.js", {{"if-none-match", "\"other\""}}).status, 200);
    EXPECT_NE(open("/web/shared/page.css").header("etag"), first.header("etag"));
}

TEST_F(Pages, AreAllThereAndNothingElseIs) {
    for (const char* path : {"/web/shared/preact.js", "/web/shared/hooks.js", "/web/shared/htm.js", "/web/shared/en.json", "/web/shared/el.json"}) {
        const Heard got = open(path);
        EXPECT_EQ(got.status, 200) << path;
        EXPECT_FALSE(got.body.empty()) << path;
    }
    EXPECT_EQ(open("/web/shared/hooks.js").body.find("from\"preact\""), std::string::npos);
    EXPECT_EQ(open("/").header("location"), "/till");
    for (const char* path : {"/web/package.json", "/web/till/till.html", "/web/till", "/web/../agent.json"}) EXPECT_EQ(open(path).status, 404) << path;
    EXPECT_EQ(open("/till", {{"origin", "https://evil.example"}}).status, 403);
}

}  // namespace
}  // namespace obol::agent::testing
