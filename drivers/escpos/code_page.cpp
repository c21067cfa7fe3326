// What the bytes 0x80 to 0xFF of each page stand for, sixteen a line; U+FFFD where nothing stands. The
// tables are those of the Unicode consortium; a test compares each byte with iconv.
#include "drivers/escpos/code_page.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace obol::drivers {
namespace {

// clang-format off
constexpr CodePage pages[] = {
    {"CP437",
     u"ÇüéâäàåçêëèïîìÄÅ"
     u"ÉæÆôöòûùÿÖÜ¢£¥₧ƒ"
     u"áíóúñÑªº¿⌐¬½¼¡«»"
     u"░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"
     u"└┴┬├─┼╞╟╚╔╩╦╠═╬╧"
     u"╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀"
     u"αßΓπΣσµτΦΘΩδ∞φε∩"
     u"≡±≥≤⌠⌡÷≈°∙·√\u207F²■\u00A0"},
    {"CP737",
     u"ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠ"
     u"ΡΣΤΥΦΧΨΩαβγδεζηθ"
     u"ικλμνξοπρσςτυφχψ"
     u"░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"
     u"└┴┬├─┼╞╟╚╔╩╦╠═╬╧"
     u"╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀"
     u"ωάέήϊίόύϋώΆΈΉΊΌΎ"
     u"Ώ±≥≤ΪΫ÷≈°∙·√\u207F²■\u00A0"},
    {"CP850",
     u"ÇüéâäàåçêëèïîìÄÅ"
     u"ÉæÆôöòûùÿÖÜø£Ø×ƒ"
     u"áíóúñÑªº¿®¬½¼¡«»"
     u"░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐"
     u"└┴┬├─┼ãÃ╚╔╩╦╠═╬¤"
     u"ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀"
     u"ÓßÔÒõÕµþÞÚÛÙýÝ¯´"
     u"\u00AD±‗¾¶§÷¸°¨·¹³²■\u00A0"},
    {"CP852",
     u"ÇüéâäůćçłëŐőîŹÄĆ"
     u"ÉĹĺôöĽľŚśÖÜŤťŁ×č"
     u"áíóúĄąŽžĘę¬źČş«»"
     u"░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐"
     u"└┴┬├─┼Ăă╚╔╩╦╠═╬¤"
     u"đĐĎËďŇÍÎě┘┌█▄ŢŮ▀"
     u"ÓßÔŃńňŠšŔÚŕŰýÝţ´"
     u"\u00AD˝˛\u02C7˘§÷¸°¨˙űŘř■\u00A0"},
    {"CP858",
     u"ÇüéâäàåçêëèïîìÄÅ"
     u"ÉæÆôöòûùÿÖÜø£Ø×ƒ"
     u"áíóúñÑªº¿®¬½¼¡«»"
     u"░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐"
     u"└┴┬├─┼ãÃ╚╔╩╦╠═╬¤"
     u"ðÐÊËÈ€ÍÎÏ┘┌█▄¦Ì▀"
     u"ÓßÔÒõÕµþÞÚÛÙýÝ¯´"
     u"\u00AD±‗¾¶§÷¸°¨·¹³²■\u00A0"},
    {"CP860",
     u"ÇüéâãàÁçêÊèÍÔìÃÂ"
     u"ÉÀÈôõòÚùÌÕÜ¢£Ù₧Ó"
     u"áíóúñÑªº¿Ò¬½¼¡«»"
     u"░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"
     u"└┴┬├─┼╞╟╚╔╩╦╠═╬╧"
     u"╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀"
     u"αßΓπΣσµτΦΘΩδ∞φε∩"
     u"≡±≥≤⌠⌡÷≈°∙·√\u207F²■\u00A0"},
    {"CP863",
     u"ÇüéâÂà¶çêëèïî‗À§"
     u"ÉÈÊôËÏûù¤ÔÜ¢£ÙÛƒ"
     u"¦´óú¨¸³¯Î⌐¬½¼¾«»"
     u"░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"
     u"└┴┬├─┼╞╟╚╔╩╦╠═╬╧"
     u"╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀"
     u"αßΓπΣσµτΦΘΩδ∞φε∩"
     u"≡±≥≤⌠⌡÷≈°∙·√\u207F²■\u00A0"},
    {"CP865",
     u"ÇüéâäàåçêëèïîìÄÅ"
     u"ÉæÆôöòûùÿÖÜø£Ø₧ƒ"
     u"áíóúñÑªº¿⌐¬½¼¡«¤"
     u"░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"
     u"└┴┬├─┼╞╟╚╔╩╦╠═╬╧"
     u"╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀"
     u"αßΓπΣσµτΦΘΩδ∞φε∩"
     u"≡±≥≤⌠⌡÷≈°∙·√\u207F²■\u00A0"},
    {"CP866",
     u"АБВГДЕЖЗИЙКЛМНОП"
     u"РСТУФХЦЧШЩЪЫЬЭЮЯ"
     u"абвгдежзийклмноп"
     u"░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"
     u"└┴┬├─┼╞╟╚╔╩╦╠═╬╧"
     u"╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀"
     u"рстуфхцчшщъыьэюя"
     u"ЁёЄєЇїЎў°∙·√№¤■\u00A0"},
    {"CP869",
     u"\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDΆ\uFFFD·¬¦‘’Έ―Ή"
     u"ΊΪΌ\uFFFD\uFFFDΎΫ©Ώ²³ά£έήί"
     u"ϊΐόύΑΒΓΔΕΖΗ½ΘΙ«»"
     u"░▒▓│┤ΚΛΜΝ╣║╗╝ΞΟ┐"
     u"└┴┬├─┼ΠΡ╚╔╩╦╠═╬Σ"
     u"ΤΥΦΧΨΩαβγ┘┌█▄δε▀"
     u"ζηθικλμνξοπρσςτ΄"
     u"\u00AD±υφχ§ψ΅°¨ωϋΰώ■\u00A0"},
    {"CP1250",
     u"€\uFFFD‚\uFFFD„…†‡\uFFFD‰Š‹ŚŤŽŹ"
     u"\uFFFD‘’“”•–—\uFFFD™š›śťžź"
     u"\u00A0\u02C7˘Ł¤Ą¦§¨©Ş«¬\u00AD®Ż"
     u"°±˛ł´µ¶·¸ąş»Ľ˝ľż"
     u"ŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎ"
     u"ĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢß"
     u"ŕáâăäĺćçčéęëěíîď"
     u"đńňóôőö÷řůúűüýţ˙"},
    {"CP1251",
     u"ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏ"
     u"ђ‘’“”•–—\uFFFD™љ›њќћџ"
     u"\u00A0ЎўЈ¤Ґ¦§Ё©Є«¬\u00AD®Ї"
     u"°±Ііґµ¶·ё№є»јЅѕї"
     u"АБВГДЕЖЗИЙКЛМНОП"
     u"РСТУФХЦЧШЩЪЫЬЭЮЯ"
     u"абвгдежзийклмноп"
     u"рстуфхцчшщъыьэюя"},
    {"CP1252",
     u"€\uFFFD‚ƒ„…†‡\u02C6‰Š‹Œ\uFFFDŽ\uFFFD"
     u"\uFFFD‘’“”•–—˜™š›œ\uFFFDžŸ"
     u"\u00A0¡¢£¤¥¦§¨©ª«¬\u00AD®¯"
     u"°±²³´µ¶·¸¹º»¼½¾¿"
     u"ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏ"
     u"ÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞß"
     u"àáâãäåæçèéêëìíîï"
     u"ðñòóôõö÷øùúûüýþÿ"},
    {"CP1253",
     u"€\uFFFD‚ƒ„…†‡\uFFFD‰\uFFFD‹\uFFFD\uFFFD\uFFFD\uFFFD"
     u"\uFFFD‘’“”•–—\uFFFD™\uFFFD›\uFFFD\uFFFD\uFFFD\uFFFD"
     u"\u00A0΅Ά£¤¥¦§¨©\uFFFD«¬\u00AD®―"
     u"°±²³΄µ¶·ΈΉΊ»Ό½ΎΏ"
     u"ΐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟ"
     u"ΠΡ\uFFFDΣΤΥΦΧΨΩΪΫάέήί"
     u"ΰαβγδεζηθικλμνξο"
     u"πρςστυφχψωϊϋόύώ\uFFFD"},
    {"CP1254",
     u"€\uFFFD‚ƒ„…†‡\u02C6‰Š‹Œ\uFFFD\uFFFD\uFFFD"
     u"\uFFFD‘’“”•–—˜™š›œ\uFFFD\uFFFDŸ"
     u"\u00A0¡¢£¤¥¦§¨©ª«¬\u00AD®¯"
     u"°±²³´µ¶·¸¹º»¼½¾¿"
     u"ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏ"
     u"ĞÑÒÓÔÕÖ×ØÙÚÛÜİŞß"
     u"àáâãäåæçèéêëìíîï"
     u"ğñòóôõö÷øùúûüışÿ"},
    {"CP1257",
     u"€\uFFFD‚\uFFFD„…†‡\uFFFD‰\uFFFD‹\uFFFD¨\u02C7¸"
     u"\uFFFD‘’“”•–—\uFFFD™\uFFFD›\uFFFD¯˛\uFFFD"
     u"\u00A0\uFFFD¢£¤\uFFFD¦§Ø©Ŗ«¬\u00AD®Æ"
     u"°±²³´µ¶·ø¹ŗ»¼½¾æ"
     u"ĄĮĀĆÄÅĘĒČÉŹĖĢĶĪĻ"
     u"ŠŃŅÓŌÕÖ×ŲŁŚŪÜŻŽß"
     u"ąįāćäåęēčéźėģķīļ"
     u"šńņóōõö÷ųłśūüżž˙"},
    {"ISO_8859-2",
     u"\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD"
     u"\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD"
     u"\u00A0Ą˘Ł¤ĽŚ§¨ŠŞŤŹ\u00ADŽŻ"
     u"°ą˛ł´ľś\u02C7¸šşťź˝žż"
     u"ŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎ"
     u"ĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢß"
     u"ŕáâăäĺćçčéęëěíîď"
     u"đńňóôőö÷řůúűüýţ˙"},
    {"ISO_8859-15",
     u"\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD"
     u"\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD"
     u"\u00A0¡¢£€¥Š§š©ª«¬\u00AD®¯"
     u"°±²³Žµ¶·ž¹º»ŒœŸ¿"
     u"ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏ"
     u"ÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞß"
     u"àáâãäåæçèéêëìíîï"
     u"ðñòóôõö÷øùúûüýþÿ"},
};
// clang-format on

// Letters below this are looked up at once; the few beyond (dashes, boxes, the euro) are searched.
constexpr char32_t direct = 0x460;

struct Reverse {
    std::array<std::uint8_t, direct> near{};
    std::vector<std::pair<char32_t, std::uint8_t>> far;
};

const Reverse& reverse_of(const CodePage& page) {
    static const std::vector<Reverse> all = [] {
        std::vector<Reverse> made;
        for (const CodePage& each : pages) {
            Reverse reverse;
            for (std::size_t i = 0; i < 128; ++i) {
                const char32_t point = each.upper[i];
                const auto byte = static_cast<std::uint8_t>(0x80 + i);
                if (point == CodePage::nothing) continue;
                if (point < direct) {
                    reverse.near[point] = byte;
                } else {
                    reverse.far.emplace_back(point, byte);
                }
            }
            std::sort(reverse.far.begin(), reverse.far.end());
            made.push_back(std::move(reverse));
        }
        return made;
    }();
    return all[static_cast<std::size_t>(&page - std::begin(pages))];
}

}  // namespace

std::span<const CodePage> code_pages() { return pages; }

const CodePage* find_code_page(std::string_view name) {
    const auto* const found =
        std::find_if(std::begin(pages), std::end(pages), [&](const CodePage& page) { return page.name == name; });
    return found == std::end(pages) ? nullptr : found;
}

std::uint8_t byte_of(const CodePage& page, char32_t point) {
    if (point < 0x80) return static_cast<std::uint8_t>(point);
    const Reverse& reverse = reverse_of(page);
    if (point < direct) return reverse.near[point];
    const auto found = std::lower_bound(reverse.far.begin(), reverse.far.end(), std::pair(point, std::uint8_t{0}));
    return found != reverse.far.end() && found->first == point ? found->second : std::uint8_t{0};
}

char32_t point_of(const CodePage& page, std::uint8_t byte) {
    return byte < 0x80 ? char32_t{byte} : char32_t{page.upper[byte - 0x80u]};
}

}  // namespace obol::drivers
