#pragma once
// A receipt printer made of bytes and dots: it takes ESC/POS or Star line mode, as its profile says, as a real one takes it, prints on paper that can be
// looked at, answers what is asked of it, and fails as they fail. No device, no time: a socket or a pty goes around it.
//
// What stops it (paper out, cover open, a jammed knife) leaves what was sent in its buffer; once that is full it
// takes no more. Questions in real time are answered all the same.

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/escpos/profile.hpp"
#include "drivers/fake/paper.hpp"

namespace obol::drivers {

class FakePrinter {
public:
    explicit FakePrinter(Profile profile, std::size_t buffer = 4096);

    // How many of the bytes it took: all while it prints, what fits into its buffer while it is stopped.
    std::size_t receive(std::string_view bytes);
    // What it has to say to the host since the last call.
    std::string answers();

    // What a person or bad luck does to it.
    void open_cover(bool open);
    void run_out_after(int dots);   // of paper
    void load_paper();              // the old piece ends here
    void paper_near_end(bool near);
    void jam_at_next_cut();
    void free_knife();
    void go_silent(bool silent);    // takes everything, answers nothing, prints nothing
    void lie(bool lying);           // answers that all is well, and prints nothing
    void ignore_code_pages(bool ignore);  // prints every byte by its first page
    void drawer_is_open(bool open);
    void power_cycle();             // what was in the buffer is gone

    const std::vector<Sheet>& sheets() const { return paper_.sheets(); }  // cut off or torn off
    const Sheet& sheet() const { return paper_.sheet(); }                 // still in the printer
    int pulses() const { return pulses_; }
    bool stopped() const { return cover_open_ || paper_out() || knife_jammed_; }
    std::size_t held() const { return held_; }  // bytes in the buffer
    // Commands that it does not know, as hexadecimal digits: none in what we send.
    const std::vector<std::string>& unknown() const { return unknown_; }

private:
    void take(std::string_view command);
    void run();
    void execute(std::string_view command);
    void escape_command(std::string_view command);
    void group_command(std::string_view command);
    void extended_command(std::string_view command);
    // Star line mode (star.cpp).
    void star_command(std::string_view command);
    void star_group_command(std::string_view command);
    void star_barcode(std::string_view command);
    std::string star_status() const;
    bool star() const { return profile_.language == Profile::Language::star_line; }

    void barcode(const Barcode& code, int module, int height, std::string_view command);
    void barcode(std::string_view command);
    void print_qr();
    void qr(std::string_view command);
    void cut();
    void real_time(std::string_view command);
    void letter(std::uint8_t byte);
    void reset();
    void answer(std::string_view bytes);
    void status_changed();
    std::string automatic_status() const;
    bool paper_out() const { return paper_.left() == 0; }

    Profile profile_;
    std::size_t buffer_;
    PaperRoll paper_;
    std::string partial_;             // the start of a command
    std::deque<std::string> waiting_;
    std::size_t held_ = 0;
    std::string answers_, last_status_;
    std::vector<std::string> unknown_;
    const CodePage* page_ = nullptr;
    std::string qr_data_;
    int qr_module_ = 3, bar_module_ = 3, bar_height_ = 162;
    int automatic_ = 0, pulses_ = 0, marks_ = 0;
    bool cover_open_ = false, near_end_ = false, jam_next_ = false, knife_jammed_ = false, silent_ = false;
    bool lying_ = false, one_page_ = false, drawer_open_ = false;
};

// The first bytes of a command, to be looked up.
std::string hexadecimal(std::string_view bytes);

}  // namespace obol::drivers
