#pragma once
// GET /v1/journal: the chain as it was written; /v1/exceptions: what needs a person's eye here.

#include "agent/app/context.hpp"

namespace obol::agent {

// Each entry with its canonical body in base64, so that hashes and signatures can be checked by anyone.
Answer list_journal(Context& context, std::int64_t after_seq, std::size_t limit);
Answer list_exceptions(Context& context, const std::string& after, std::size_t limit);
// The same one by one, id and JSON, for those that are told of new ones.
std::vector<std::pair<std::string, std::string>> exceptions_after(Facts& facts, const std::string& after, std::size_t most);
awaitable<Answer> close_exception(Context& context, Caller caller, Idempotency once, std::string id,
                                  std::string reason);

}  // namespace obol::agent
