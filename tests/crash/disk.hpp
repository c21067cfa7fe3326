#pragma once
// A disk whose writes last only once they are synced. It keeps what is durable apart from what the
// programs see, with the operations between the two in their order; at a loss of power it drops, tears
// or reorders these. A created or deleted name lasts only once its directory is synced.

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace obol::crash {

struct Op {
    enum class Kind { create, write, truncate, remove, sync, sync_directory };
    Kind kind;
    int file = 0;         // number of the file, which a name may leave
    std::string name{};   // create, remove
    std::int64_t at = 0;  // write: offset; truncate: size
    std::string data{};

    // What lasts only after a sync.
    bool pending() const { return kind != Kind::sync && kind != Kind::sync_directory; }
};
std::string_view name_of(Op::Kind kind);

enum class Damage { drop, subset, torn, reorder };
inline constexpr Damage damages[] = {Damage::drop, Damage::subset, Damage::torn, Damage::reorder};
std::string_view name_of(Damage damage);

// What lies on a disk that was switched on: name -> content, all of it durable.
using Image = std::map<std::string, std::string>;

class Disk {
public:
    explicit Disk(Image image = {});

    void apply(const Op& op);
    int next_file() const { return static_cast<int>(seen_.content.size()); }

    // As programs see it.
    const int* find(const std::string& name) const;
    const std::string& content(int file) const { return seen_.content[static_cast<std::size_t>(file)]; }
    std::size_t pending() const { return pending_.size(); }

    // The power goes: what is found when it comes back.
    Image lose_power(Damage damage, std::mt19937_64& chance) const;
    // Every write reached the disk, as after the end of a process and an orderly shutdown.
    Image all_kept() const;

private:
    struct Side {
        std::map<std::string, int> names;
        std::vector<std::string> content;
        void apply(const Op& op);
        Image image() const;
    };
    template <class Which>
    void make_durable(Which which);

    Side seen_, durable_;
    std::vector<Op> pending_;
};

}  // namespace obol::crash
