#pragma once

namespace obol::sql {

namespace detail {
inline void read_cell(Statement& row, int c, std::int64_t& out) { out = row.integer(c); }
inline void read_cell(Statement& row, int c, int& out) { out = static_cast<int>(row.integer(c)); }
inline void read_cell(Statement& row, int c, std::string& out) { out = row.text(c); }
inline void read_cell(Statement& row, int c, Bytes& out) { out = row.blob(c); }
}  // namespace detail

template <class... A>
std::int64_t Db::run(std::string_view sql, const A&... args) {
    Statement statement = prepare(sql);
    statement.bind_all(args...);
    while (statement.step()) {
    }
    return changes();
}

template <class T, class... A>
std::optional<T> Db::value(std::string_view sql, const A&... args) {
    Statement statement = prepare(sql);
    statement.bind_all(args...);
    if (!statement.step() || statement.null(0)) return std::nullopt;
    T out{};
    detail::read_cell(statement, 0, out);
    return out;
}

template <class Row, class... A>
void Db::each(std::string_view sql, Row&& row, const A&... args) {
    Statement statement = prepare(sql);
    statement.bind_all(args...);
    while (statement.step()) row(statement);
}

}  // namespace obol::sql
