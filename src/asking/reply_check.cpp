#include "asking/reply_check.hpp"

#include <algorithm>
#include <vector>

#include "asking/answer_schema.hpp"
#include "base/utf8.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kMaxCandidates = 64;  // bounds the work on replies that are all braces

std::optional<Json> parse(std::string_view text, std::string& problem) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    // "[json.exception.parse_error.101] parse error at line 1, ...": the tag helps nobody.
    const std::string_view what = error.what();
    problem = "the reply is not JSON: " + std::string(what.substr(std::min(what.find("] ") + 2, what.size())));
    return std::nullopt;
  }
}

// One past the bracket that closes the one at `begin`, strings respected; npos when it is never closed.
std::size_t balanced_end(std::string_view text, std::size_t begin) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = begin; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

std::string_view without_reasoning(std::string_view reply) {
  const auto end = reply.rfind("</think>");
  return trim(end == std::string_view::npos ? reply : reply.substr(end + 8));
}

// JSON objects and arrays embedded in other text.
std::vector<Json> embedded_values(std::string_view text) {
  std::vector<Json> found;
  std::string ignored;
  std::size_t at = 0;
  for (std::size_t tried = 0; tried < kMaxCandidates; ++tried) {
    at = text.find_first_of("{[", at);
    if (at == std::string_view::npos) break;
    const auto end = balanced_end(text, at);
    auto value = end == std::string_view::npos ? std::nullopt : parse(text.substr(at, end - at), ignored);
    at = value ? end : at + 1;
    if (value) found.push_back(*std::move(value));
  }
  return found;
}

}  // namespace

std::optional<Json> recover_json(std::string_view reply, const Json& schema, std::string& problem) {
  const auto text = without_reasoning(reply);
  if (text.empty()) {
    problem = "the reply is empty";
    return std::nullopt;
  }
  if (auto whole = parse(text, problem)) return whole;
  auto values = embedded_values(text);
  for (auto& value : values)
    if (check_schema(value, schema).empty()) return std::move(value);
  // What lies inside an answer that was cut off is not the answer.
  if (values.empty() || balanced_end(text, text.find_first_of("{[")) == std::string_view::npos) return std::nullopt;
  return std::move(values.front());
}

std::string check_answer(const Json& answer, const ChatRequest& request) {
  auto problem = check_schema(answer, *request.schema);
  if (problem.empty() && request.check) problem = request.check(answer);
  return problem;
}

std::optional<Json> check_reply(std::string_view reply, const ChatRequest& request, std::string& problem) {
  auto answer = recover_json(reply, *request.schema, problem);
  if (!answer) return std::nullopt;
  problem = check_answer(*answer, request);
  return problem.empty() ? std::move(answer) : std::nullopt;
}

}  // namespace persona4rec
