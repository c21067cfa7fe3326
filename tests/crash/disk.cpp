#include "tests/crash/disk.hpp"

#include <algorithm>

namespace obol::crash {

namespace {

constexpr std::int64_t sector = 512;

// The write as the sectors of the disk that it meets: each lands or not. What lies beside it in a sector
// stays, as SQLite is told (POWERSAFE_OVERWRITE).
std::vector<Op> in_sectors(const Op& op) {
    std::vector<Op> out;
    const auto end = static_cast<std::int64_t>(op.data.size());
    for (std::int64_t from = 0; from < end;) {
        const std::int64_t to = std::min(end, ((op.at + from) / sector + 1) * sector - op.at);
        out.push_back({Op::Kind::write, op.file, {}, op.at + from,
                       op.data.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from))});
        from = to;
    }
    return out;
}

}  // namespace

std::string_view name_of(Op::Kind kind) {
    constexpr std::string_view names[] = {"create", "write", "truncate", "remove", "sync", "sync_directory"};
    return names[static_cast<int>(kind)];
}

std::string_view name_of(Damage damage) {
    constexpr std::string_view names[] = {"drop", "subset", "torn", "reorder"};
    return names[static_cast<int>(damage)];
}

void Disk::Side::apply(const Op& op) {
    const auto number = static_cast<std::size_t>(op.file);
    if (content.size() <= number) content.resize(number + 1);
    std::string& text = content[number];
    switch (op.kind) {
        case Op::Kind::create: names[op.name] = op.file; break;
        case Op::Kind::remove: {
            const auto found = names.find(op.name);
            if (found != names.end() && found->second == op.file) names.erase(found);
            break;
        }
        case Op::Kind::truncate: text.resize(static_cast<std::size_t>(op.at), '\0'); break;
        case Op::Kind::write: {
            const auto end = static_cast<std::size_t>(op.at) + op.data.size();
            if (text.size() < end) text.resize(end, '\0');
            std::copy(op.data.begin(), op.data.end(), text.begin() + op.at);
            break;
        }
        default: break;
    }
}

Image Disk::Side::image() const {
    Image out;
    for (const auto& [name, number] : names) out[name] = content[static_cast<std::size_t>(number)];
    return out;
}

Disk::Disk(Image image) {
    for (auto& [name, content] : image) {
        seen_.names[name] = static_cast<int>(seen_.content.size());
        seen_.content.push_back(std::move(content));
    }
    durable_ = seen_;
}

template <class Which>
void Disk::make_durable(Which which) {
    for (const Op& op : pending_) {
        if (which(op)) durable_.apply(op);
    }
    std::erase_if(pending_, which);
}

void Disk::apply(const Op& op) {
    const auto about_a_name = [](const Op& each) {
        return each.kind == Op::Kind::create || each.kind == Op::Kind::remove;
    };
    if (op.kind == Op::Kind::sync) {
        make_durable([&](const Op& each) { return !about_a_name(each) && each.file == op.file; });
    } else if (op.kind == Op::Kind::sync_directory) {
        make_durable(about_a_name);
    } else {
        seen_.apply(op);
        pending_.push_back(op);
    }
}

const int* Disk::find(const std::string& name) const {
    const auto found = seen_.names.find(name);
    return found == seen_.names.end() ? nullptr : &found->second;
}

Image Disk::lose_power(Damage damage, std::mt19937_64& chance) const {
    if (damage == Damage::drop) return durable_.image();
    std::vector<Op> kept;
    for (const Op& op : pending_) {
        if (damage == Damage::torn && op.kind == Op::Kind::write) {
            for (Op& part : in_sectors(op)) {
                if (chance() % 2) kept.push_back(std::move(part));
            }
        } else if (chance() % (damage == Damage::reorder ? 4 : 2)) {
            kept.push_back(op);
        }
    }
    if (damage == Damage::reorder) std::shuffle(kept.begin(), kept.end(), chance);
    Side out = durable_;
    for (const Op& op : kept) out.apply(op);
    return out.image();
}

Image Disk::all_kept() const { return seen_.image(); }

}  // namespace obol::crash
