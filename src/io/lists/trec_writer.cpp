#include "io/lists/trec_writer.hpp"

#include <array>
#include <charconv>
#include <span>
#include <unordered_map>

#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

std::string_view writable(std::string_view id) {
  if (id.find_first_of(" \t\r\n\v\f") != std::string_view::npos) {
    throw Error(ErrorKind::kInput, "id \"" + std::string(id) + "\" holds white space, which TREC files cannot carry");
  }
  return id;
}

// In single precision, in which trec_eval keeps scores.
bool falls_strictly(std::span<const Candidate> list) {
  std::optional<float> before;
  for (const auto& candidate : list) {
    if (!candidate.score) return false;
    const auto score = static_cast<float>(*candidate.score);
    if (before && !(score < *before)) return false;
    before = score;
  }
  return true;
}

void append_number(std::string& text, double value) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  text.append(digits.data(), end);
}

}  // namespace

void append_run(std::string& text, const CandidateRow& list, std::string_view tag) {
  const bool own_scores = falls_strictly(list.results);
  const std::size_t n = list.results.size();
  std::unordered_map<std::string_view, std::size_t> times;
  for (std::size_t i = 0; i < n; ++i) {
    const auto item = writable(list.results[i].item_id.text());
    text.append(writable(list.user_id.text())).append(" Q0 ").append(item);
    if (const auto time = ++times[item]; time > 1) text.append("~").append(std::to_string(time));
    text.append(" ").append(std::to_string(i + 1)).append(" ");
    append_number(text, own_scores ? list.results[i].score.value_or(0.0) : static_cast<double>(n - i));
    text.append(" ").append(tag).append("\n");
  }
}

void append_qrel(std::string& text, const UserId& user, const ItemId& item) {
  text.append(writable(user.text())).append(" 0 ").append(writable(item.text())).append(" 1\n");
}

}  // namespace persona4rec
