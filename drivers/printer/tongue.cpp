#include "drivers/printer/tongue.hpp"

#include <array>
#include <variant>

#include "drivers/escpos/commands.hpp"
#include "drivers/escpos/render.hpp"
#include "drivers/page/pdf.hpp"
#include "drivers/star/commands.hpp"
#include "drivers/star/render.hpp"
#include "drivers/star/status.hpp"
#include "sync/core/overloaded.hpp"

namespace obol::drivers {
namespace {

// What stands right after the bytes that begin every document, since these switch automatic status off.
Result<std::string> with_after(Result<std::string> bytes, std::size_t beginning, std::string_view words) {
    if (bytes) bytes->insert(beginning, words);
    return bytes;
}

class EscposTongue final : public PrinterTongue {
public:
    explicit EscposTongue(const Profile& profile) : profile_(profile) {}

    Result<std::string> document(const Document& document) const override { return render_escpos(document, profile_); }
    Result<std::string> telling_document(const Document& document) const override {
        return with_after(render_escpos(document, profile_), 2, automatic_status_on);
    }
    std::string pulse() const override {
        Document pulse;
        pulse.pulse();
        const std::string bytes = *render_escpos(pulse, profile_);
        return bytes.substr(bytes.find(profile_.features.pulse_standard ? "\x1Bp" : "\x07"));
    }

    std::string tell_status() const override { return std::string(automatic_status_on); }
    std::string ask_status() override {
        std::string out;
        for (int n = 1; n <= questions; ++n) {
            parser_.asked_real_time(n);
            out += ask_real_time(n);
        }
        return out;
    }
    std::string ask_printed(OutputId id) override {
        if (!profile_.features.process_id) {
            parser_.asked_transmission(1);
            return ask_transmission(1);
        }
        for (char& c : mark_) {
            c = static_cast<char>(0x30 + id % 64);
            id /= 64;
        }
        return drivers::ask_printed(mark_);
    }
    void forget_questions() override { parser_.forget_questions(); }
    void forget() override { parser_.forget(); }

    std::vector<Sign> read(std::string_view bytes) override {
        std::vector<Sign> out;
        for (const Heard& each : parser_.read(bytes)) {
            out.push_back(std::visit([this](const auto& what) { return sign_of(what); }, each));
        }
        return out;
    }
    const PrinterBits& bits() const override { return parser_.bits(); }

    std::optional<std::size_t> command_length(std::string_view bytes) const override { return drivers::command_length(bytes); }
    std::string clear_away(std::size_t missing) const override {
        return std::string(missing, '\0') + std::string(clear_buffers) + "\x1B@";
    }
    std::string cut() const override {
        const Profile::Features& can = profile_.features;
        if (!can.full_cut && !can.part_cut) return "";
        return {0x1D, 'V', can.part_cut ? 'B' : 'A', 0};
    }

private:
    static constexpr int questions = 4;

    Sign sign_of(const StatusHeard& status) const {
        const bool all = status.by == StatusHeard::By::automatic || status.question == questions;
        return all ? Sign::status : Sign::life;
    }
    Sign sign_of(const Transmitted& answer) const {
        return !profile_.features.process_id && answer.question == 1 && !bits().stopped() ? Sign::printed : Sign::life;
    }
    Sign sign_of(const PrintedUpTo& done) const {
        return profile_.features.process_id && done.id == mark_ ? Sign::printed : Sign::life;
    }
    Sign sign_of(const Named&) const { return Sign::life; }

    const Profile& profile_;
    StatusParser parser_;
    std::array<char, 4> mark_{};  // of GS ( H
};

class StarTongue final : public PrinterTongue {
public:
    explicit StarTongue(const Profile& profile) : profile_(profile) {}

    Result<std::string> document(const Document& document) const override { return render_star(document, profile_); }
    Result<std::string> telling_document(const Document& document) const override {
        return with_after(render_star(document, profile_), 2, star_tell_status);
    }
    std::string pulse() const override { return star_pulse(false); }

    std::string tell_status() const override { return std::string(star_tell_status); }
    std::string ask_status() override { return std::string(star_ask); }
    std::string ask_printed(OutputId) override {
        awaited_ = true;
        marks_before_ = parser_.marks();
        return std::string(star_mark);
    }
    void forget_questions() override { awaited_ = false; }
    void forget() override {
        parser_.forget();
        awaited_ = false;
    }

    std::vector<Sign> read(std::string_view bytes) override {
        std::vector<Sign> out;
        for (const char byte : bytes) {  // each block is judged when it ends
            if (parser_.read({&byte, 1}) == 0) continue;
            out.push_back(Sign::status);
            if (awaited_ && (parser_.mark_passed() || parser_.marks() != marks_before_)) {
                awaited_ = false;
                out.push_back(Sign::printed);
            }
        }
        return out;
    }
    const PrinterBits& bits() const override { return parser_.bits(); }

    std::optional<std::size_t> command_length(std::string_view bytes) const override { return star_command_length(bytes); }
    // RS ends a bar code, which is not counted.
    std::string clear_away(std::size_t missing) const override {
        return std::string(missing, '\0') + "\x1E" + std::string(star_cancel) + "\x1B@";
    }
    std::string cut() const override {
        const Profile::Features& can = profile_.features;
        if (!can.full_cut && !can.part_cut) return "";
        return {0x1B, 'd', static_cast<char>(can.part_cut ? 3 : 2)};
    }

private:
    const Profile& profile_;
    StarStatusParser parser_;
    bool awaited_ = false;
    int marks_before_ = -1;
};

// A queue of CUPS: it takes pages, and nothing is said back.
class PageTongue final : public PrinterTongue {
public:
    explicit PageTongue(const Profile& profile) : profile_(profile) {}

    Result<std::string> document(const Document& document) const override { return render_pdf(document, profile_.paper); }
    Result<std::string> telling_document(const Document& it) const override { return document(it); }
    std::string pulse() const override { return ""; }
    std::string tell_status() const override { return ""; }
    std::string ask_status() override { return ""; }
    std::string ask_printed(OutputId) override { return ""; }
    void forget_questions() override {}
    void forget() override {}
    std::vector<Sign> read(std::string_view) override { return {}; }
    const PrinterBits& bits() const override { return bits_; }
    std::optional<std::size_t> command_length(std::string_view bytes) const override { return bytes.size(); }
    std::string clear_away(std::size_t) const override { return ""; }
    std::string cut() const override { return ""; }

private:
    const Profile& profile_;
    PrinterBits bits_;
};

}  // namespace

std::unique_ptr<PrinterTongue> tongue_of(const Profile& profile) {
    if (profile.language == Profile::Language::star_line) return std::make_unique<StarTongue>(profile);
    if (profile.language == Profile::Language::page) return std::make_unique<PageTongue>(profile);
    return std::make_unique<EscposTongue>(profile);
}

Result<std::string> render_for(const Profile& profile, const Document& document) {
    return tongue_of(profile)->document(document);
}

}  // namespace obol::drivers
