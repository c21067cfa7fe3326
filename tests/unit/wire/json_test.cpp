#include "sync/wire/json.hpp"

#include <gtest/gtest.h>

#include <map>

namespace obol::wire {
namespace {

JsonFaults faults_of(std::string_view text) {
    const auto parsed = parse_json(text);
    const auto* faults = std::get_if<JsonFaults>(&parsed);
    return faults != nullptr ? *faults : JsonFaults{};
}

std::string show(const JsonFaults& faults) {
    std::string out;
    for (const auto& [pointer, detail] : faults) out += "[" + pointer + "] " + detail + "\n";
    return out;
}

Json tree_of(std::string_view text) {
    auto parsed = parse_json(text);
    EXPECT_EQ(show(faults_of(text)), "") << text;
    return std::holds_alternative<Json>(parsed) ? std::get<Json>(std::move(parsed)) : Json{};
}

struct Literal {
    std::string_view text;
    std::optional<std::int64_t> value;  // nullopt: refused
};

// Money arrives as such literals; each is either this integer or refused, never something near it.
const Literal literals[] = {
    {"0", 0},
    {"1", 1},
    {"9", 9},
    {"10", 10},
    {"1250", 1250},
    {"-1", -1},
    {"-1250", -1250},
    {"2147483647", 2147483647},
    {"2147483648", 2147483648},
    {"-2147483649", -2147483649},
    {"4294967296", 4294967296},
    {"999999999999999", 999999999999999},
    {"9007199254740990", 9007199254740990},
    {"9007199254740991", 9007199254740991},
    {"-9007199254740991", -9007199254740991},
    {"9007199254740992", {}},
    {"-9007199254740992", {}},
    {"9007199254740993", {}},
    {"9223372036854775807", {}},
    {"9223372036854775808", {}},
    {"-9223372036854775808", {}},
    {"-9223372036854775809", {}},
    {"18446744073709551615", {}},
    {"18446744073709551616", {}},
    {"100000000000000000000000000000000", {}},
    {"-100000000000000000000000000000000", {}},
    {"-0", {}},
    {"-0.0", {}},
    {"0.0", {}},
    {"0e0", {}},
    {"-0e1", {}},
    {"1.0", {}},
    {"1.5", {}},
    {"100.00", {}},
    {"0.1", {}},
    {"12.50", {}},
    {"1e2", {}},
    {"1E2", {}},
    {"1e+2", {}},
    {"1e-2", {}},
    {"1.0e2", {}},
    {"1e400", {}},
    {"1E-400", {}},
    {"1e99999999999", {}},
    {"9007199254740991.0", {}},
    {"00", {}},
    {"01", {}},
    {"-01", {}},
    {"007", {}},
    {"+1", {}},
    {"--1", {}},
    {"-", {}},
    {"1.", {}},
    {".5", {}},
    {"1e", {}},
    {"1e+", {}},
    {"0x10", {}},
    {"1_000", {}},
    {"1,000", {}},
    {"1 000", {}},
    {"NaN", {}},
    {"Infinity", {}},
    {"-Infinity", {}},
    {"1n", {}},
    {"\xd9\xa1", {}},
    {"\"1\"", {}},
};

TEST(TrapMoney, T42_AMoneyLiteralIsReadExactlyOrRefused) {
    for (const auto& [text, value] : literals) {
        // Alone, and where Boost.JSON's fast path reads ahead into what follows.
        const std::string padding(64, ' ');
        for (const std::string& whole : {"{\"a\":" + std::string(text) + "}",
                                         "{\"a\":" + std::string(text) + ",\"b\":0}" + padding,
                                         "{\"a\":" + padding + std::string(text) + padding + "}"}) {
            const auto parsed = parse_json(whole);
            const auto* json = std::get_if<Json>(&parsed);
            const Json* a = json != nullptr ? json->find("a") : nullptr;
            const auto* number = a != nullptr ? std::get_if<std::int64_t>(&a->value) : nullptr;
            ASSERT_EQ(number != nullptr, value.has_value()) << whole;
            if (value) {
                EXPECT_EQ(*number, *value) << whole;
            }
        }
    }
    EXPECT_GE(std::size(literals), 60u);
}

TEST(Json, NamesTheNumberAtFaultByItsPointer) {
    EXPECT_EQ(show(faults_of(
                  R"({"basket":{"lines":[{"amount":1},{"amount":2.5},{"amount":-0}]},"n":1e2})")),
              "[/basket/lines/1/amount] a number must have neither fraction nor exponent\n"
              "[/basket/lines/2/amount] -0 is not an integer here\n"
              "[/n] a number must have neither fraction nor exponent\n");
    EXPECT_EQ(show(faults_of("[1,[2,9007199254740992]]")), "[/1/1] integer beyond 2^53-1\n");
    EXPECT_EQ(show(faults_of("1.5")), "[] a number must have neither fraction nor exponent\n");
}

TEST(Json, RefusesDuplicateMembersWhereTheyAre) {
    EXPECT_EQ(show(faults_of(R"({"a":1,"a":1})")), "[/a] duplicate member\n");
    EXPECT_EQ(show(faults_of(R"([0,{"x":{"a":1,"b":2,"a":3}}])")), "[/1/x/a] duplicate member\n");
    EXPECT_EQ(show(faults_of(R"({"\u0061":1,"a":2})")), "[/a] duplicate member\n");
    EXPECT_EQ(show(faults_of(R"({"a":{"a":1},"b":{"a":1}})")), "");
}

TEST(Json, FindsADuplicateAmongManyMembers) {
    std::string text = "{";
    for (int i = 0; i < 5000; ++i) text += "\"k" + std::to_string(i) + "\":0,";
    EXPECT_EQ(show(faults_of(text + "\"last\":0}")), "");
    EXPECT_EQ(show(faults_of(text + "\"k77\":0}")), "[/k77] duplicate member\n");
}

TEST(Json, EscapesPointers) {
    EXPECT_EQ(show(faults_of(R"({"a/b":{"c~d":1.5}})")),
              "[/a~1b/c~0d] a number must have neither fraction nor exponent\n");
}

TEST(Json, RefusesNul) {
    EXPECT_EQ(show(faults_of(R"({"a":["x","y\u0000z"]})")), "[/a/1] contains U+0000\n");
    EXPECT_EQ(show(faults_of("{\"a\\u0000\":1}")), "[/?] a member's name contains U+0000\n");
    EXPECT_NE(show(faults_of(std::string_view("{\"a\":\"\0\"}", 9))), "");
    EXPECT_NE(show(faults_of(std::string_view("{}\0", 3))), "");
}

TEST(Json, RefusesAByteOrderMark) {
    EXPECT_EQ(show(faults_of("\xef\xbb\xbf{}")), "[] begins with a byte-order mark\n");
}

TEST(Json, NestsSixteenDeepAndNoDeeper) {
    const auto nested = [](int depth) {
        return std::string(static_cast<std::size_t>(depth), '[') +
               std::string(static_cast<std::size_t>(depth), ']');
    };
    EXPECT_EQ(show(faults_of(nested(16))), "");
    const JsonFaults faults = faults_of(nested(17));
    ASSERT_EQ(faults.size(), 1u);
    EXPECT_EQ(faults[0].detail, "nested deeper than 16");
    EXPECT_NE(show(faults_of(std::string(100'000, '['))), "");
    std::string objects;
    for (int i = 0; i < 17; ++i) objects += "{\"a\":";
    EXPECT_NE(show(faults_of(objects + "1" + std::string(17, '}'))), "");
}

TEST(Json, RefusesInvalidUtf8) {
    for (const std::string_view bytes :
         {"\xff", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3",
          "\xe2\x82", "\x80", "\xf8\x88\x80\x80\x80"}) {
        const JsonFaults faults = faults_of("{\"a\":\"" + std::string(bytes) + "\"}");
        ASSERT_EQ(faults.size(), 1u) << bytes;
        EXPECT_EQ(faults[0].detail, "not valid UTF-8");
    }
    for (const std::string_view escape :
         {R"("\ud800")", R"("\udc00")", R"("\ud800x")", R"("\ud800\u0041")"}) {
        EXPECT_NE(show(faults_of(escape)), "") << escape;
    }
    EXPECT_EQ(std::get<std::string>(tree_of(R"("\ud83d\ude00Καφές")").value),
              "\xf0\x9f\x98\x80Καφές");
}

TEST(Json, RefusesWhatIsNotOneDocument) {
    for (const std::string_view text :
         {"",        " ",        "{",      "{}{}",    "{} x",  "[1,]",      "{\"a\":1,}",
          "{'a':1}", "// c\n{}", "/**/{}", "{\"a\"}", "{a:1}", "tru",       "nul",
          "[1 2]",   "\"a",      "\"\t\"", "\"\\x\"", "]",     "{\"a\":1]", "undefined"}) {
        EXPECT_NE(show(faults_of(text)), "") << text;
    }
    EXPECT_EQ(show(faults_of(" {} \r\n\t")), "");
}

TEST(Json, KeepsTheListOfFaultsShort) {
    std::string text = "[";
    for (int i = 0; i < 10'000; ++i) text += "1.5,";
    EXPECT_EQ(faults_of(text + "1]").size(), most_json_faults);
}

TEST(Json, JoinsTextThatArrivesInPieces) {
    const std::string filler(5000, 'x');
    const Json json = tree_of("{\"k\\n" + filler + "\":\"a\\\"" + filler + "\\u00e9\"}");
    const auto& object = std::get<Json::Object>(json.value);
    EXPECT_EQ(object[0].first, "k\n" + filler);
    EXPECT_EQ(std::get<std::string>(object[0].second.value), "a\"" + filler + "é");
}

TEST(CanonicalText, IsEqualForBodiesThatDifferInOrderAndSpaceOnly) {
    const std::string expected = R"({"a":[1,null,true,"x\"\\\u000a"],"b":{"c":-5,"d":"é"}})";
    EXPECT_EQ(canonical_text(tree_of(R"({"a":[1,null,true,"x\"\\\n"],"b":{"c":-5,"d":"é"}})")),
              expected);
    EXPECT_EQ(
        canonical_text(tree_of("{ \"b\" : {\"d\":\"\\u00e9\", \"c\": -5},\n\"a\":[ 1 ,null,true,"
                               "\"\\u0078\\u0022\\\\\\u000A\"] }")),
        expected);
    EXPECT_NE(canonical_text(tree_of("[1,2]")), canonical_text(tree_of("[2,1]")));
    EXPECT_NE(canonical_text(tree_of("[\"1\"]")), canonical_text(tree_of("[1]")));
    EXPECT_EQ(canonical_text(tree_of("{}")), "{}");
    EXPECT_EQ(canonical_text(tree_of("[]")), "[]");
    EXPECT_EQ(canonical_text(tree_of("[[],{}]")), "[[],{}]");
}

TEST(CanonicalText, ReadsBackAsItself) {
    const std::string text = R"({"a":[1,null,false,"x"],"b":{"c":-5,"é":"y\u0001"}})";
    EXPECT_EQ(canonical_text(tree_of(text)), text);
}

TEST(ObjectReader, CollectsEveryFaultWithItsPointer) {
    const Json json = tree_of(R"({"code":7,"amount":-3,"flag":"yes","mode":"sideways","id":"a b",
        "lines":[{"x":1},5,{"x":"no","y":2}],"more":1,"text":""})");
    JsonFaults faults;
    ObjectReader in(json, "", faults);
    EXPECT_EQ(in.required_text("code"), "");
    EXPECT_EQ(in.required_integer("amount", 0, 100), 0);
    EXPECT_FALSE(in.required_bool("flag"));
    EXPECT_EQ(in.required_word("mode", {"up", "down"}), 0u);
    EXPECT_EQ(in.required_id("id"), "");
    EXPECT_EQ(in.required_text("text"), "");
    EXPECT_EQ(in.required_text("absent"), "");
    int seen = 0;
    in.required_array("lines", 1, 10, [&](const Json& line, const std::string& pointer) {
        ObjectReader inner(line, pointer, faults);
        seen += static_cast<int>(inner.required_integer("x", 0, 9));
        inner.done();
    });
    in.done();
    EXPECT_EQ(seen, 1);
    EXPECT_EQ(show(faults),
              "[/code] must be a string\n"
              "[/amount] must be at least 0\n"
              "[/flag] must be true or false\n"
              "[/mode] must be one of up, down\n"
              "[/id] must be an id: 1 to 64 of A-Z a-z 0-9 _ -\n"
              "[/text] must have at least 1 characters\n"
              "[/absent] is missing\n"
              "[/lines/1] must be an object\n"
              "[/lines/2/x] must be an integer\n"
              "[/lines/2/y] unknown member\n"
              "[/more] unknown member\n");
}

TEST(ObjectReader, CountsCharactersNotBytes) {
    const Json json = tree_of(R"({"name":"Καφές"})");
    JsonFaults faults;
    ObjectReader in(json, "", faults);
    EXPECT_EQ(in.required_text("name", 5, 5), "Καφές");
    EXPECT_TRUE(faults.empty());
    in.required_text("name", 6, 10);
    in.required_text("name", 1, 4);
    EXPECT_EQ(faults.size(), 2u);
}

TEST(ObjectReader, TreatsNullAsAbsent) {
    const Json json = tree_of(R"({"a":null})");
    JsonFaults faults;
    ObjectReader in(json, "/x", faults);
    EXPECT_FALSE(in.has("a"));
    EXPECT_FALSE(in.optional_text("a").has_value());
    in.done();
    EXPECT_TRUE(faults.empty());
    in.required("a");
    EXPECT_EQ(show(faults), "[/x/a] is missing\n");
}

TEST(ObjectReader, FaultsANonObjectOnce) {
    const Json json = tree_of("[1]");
    JsonFaults faults;
    ObjectReader in(json, "", faults);
    in.required_text("a");
    in.required_array("b", 1, 2, [](const Json&, const std::string&) { FAIL(); });
    in.done();
    EXPECT_EQ(show(faults), "[] must be an object\n");
}

TEST(ObjectReader, BoundsArrays) {
    const Json json = tree_of(R"({"a":[1,2,3],"b":[],"c":{}})");
    JsonFaults faults;
    ObjectReader in(json, "", faults);
    const auto never = [](const Json&, const std::string&) { FAIL(); };
    in.optional_array("a", 2, never);
    in.required_array("b", 1, 5, never);
    in.optional_array("c", 5, never);
    in.optional_array("d", 5, never);
    EXPECT_EQ(show(faults),
              "[/a] must have at most 2 elements\n"
              "[/b] must have at least 1 elements\n"
              "[/c] must be an array\n");
}

TEST(ObjectReader, KeepsTheListOfFaultsShort) {
    std::string text = "{";
    for (int i = 0; i < 1000; ++i) text += "\"k" + std::to_string(i) + "\":0,";
    const Json json = tree_of(text + "\"z\":0}");
    JsonFaults faults;
    ObjectReader in(json, "", faults);
    in.done();
    EXPECT_EQ(faults.size(), most_json_faults);
}

}  // namespace
}  // namespace obol::wire
