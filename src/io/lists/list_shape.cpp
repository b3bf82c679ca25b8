#include "io/lists/list_shape.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <span>
#include <utility>

#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "io/rows/delimited_reader.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kMostPeeked = std::size_t{1} << 16U;
constexpr std::array<std::string_view, 5> kUserNames{"userid", "user", "uid", "qid", "queryid"};
constexpr std::array<std::string_view, 5> kItemNames{"itemid", "item", "iid", "docid", "docno"};
constexpr std::array<std::string_view, 7> kScoreNames{"score",     "prediction", "pred",  "est",
                                                      "relevance", "rel",        "rating"};

// "userId", "user_id" and "User ID" are one name.
std::string plain_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (is_ascii_lower(ascii_lower(c)) || is_ascii_digit(c)) out += ascii_lower(c);
  }
  return out;
}

// The name that stands for the first of `known` that is there; "" when none is.
std::string find_name(std::span<const std::string> names, std::span<const std::string_view> known) {
  for (const auto wanted : known) {
    const auto found = std::ranges::find_if(names, [&](const auto& name) { return plain_name(name) == wanted; });
    if (found != names.end()) return *found;
  }
  return {};
}

// One of three columns may have a name of the dataset's own ("user_id,game_id,score"): what the others leave.
RowNames find_names(const std::vector<std::string>& names) {
  RowNames found{.user = find_name(names, kUserNames),
                 .item = find_name(names, kItemNames),
                 .score = find_name(names, kScoreNames)};
  const bool few = names.size() == 2 || (names.size() == 3 && !found.score.empty());
  if (!few || found.user.empty() == found.item.empty()) return found;
  for (const auto& name : names) {
    if (name != found.user && name != found.item && name != found.score)
      (found.user.empty() ? found.user : found.item) = name;
  }
  return found;
}

bool is_whole(const RowNames& names) {
  return !names.user.empty() && !names.item.empty();
}

bool is_number(const std::string& text) {
  char* end = nullptr;
  std::strtod(text.c_str(), &end);
  return !trim(text).empty() && trim(std::string_view(end)).empty();
}

// The keys of the first JSON object of a text that may be cut off, and the first characters of their values.
class FirstObject {
 public:
  explicit FirstObject(std::string_view text) : text_(text), at_(std::min(text.find('{'), text.size())) { scan(); }

  [[nodiscard]] const std::vector<std::string>& keys() const { return keys_; }
  [[nodiscard]] const std::string& starts() const { return starts_; }
  [[nodiscard]] bool closed() const { return closed_; }

 private:
  void scan() {
    std::size_t depth = 0;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        const auto word = take_string();
        if (depth == 1 && next_is(':')) take_key(word);
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if ((c == '}' || c == ']') && --depth == 0) {
        closed_ = true;
        return;
      }
    }
  }

  // Leaves at_ on the closing quote.
  std::string_view take_string() {
    const auto begin = ++at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    return text_.substr(begin, std::min(at_, text_.size()) - begin);
  }
  [[nodiscard]] bool next_is(char c) const {
    const auto found = text_.find_first_not_of(" \t\r\n", std::min(at_ + 1, text_.size()));
    return found != std::string_view::npos && text_[found] == c;
  }
  // Behind the colon, so that a value in quotes is no key.
  void take_key(std::string_view word) {
    keys_.emplace_back(word);
    at_ = text_.find(':', at_);
    const auto value = text_.find_first_not_of(" \t\r\n", at_ + 1);
    if (value != std::string_view::npos) starts_ += text_[value];
  }

  std::string_view text_;
  std::size_t at_;
  std::vector<std::string> keys_;
  std::string starts_;
  bool closed_ = false;
};

ListShape json_shape(LineSource& source, bool is_array, bool streaming) {
  ListShape shape{.kind = ListShape::Kind::kLists, .is_array = is_array, .names = {}, .header = {}};
  const auto text = source.peek_until(kMostPeeked, [&](std::string_view seen) {
    return (streaming && !is_array && seen.find('\n') != std::string_view::npos) || FirstObject(seen).closed();
  });
  const FirstObject object(text);
  const auto& keys = object.keys();
  if (std::ranges::find(keys, "results") != keys.end()) return shape;
  const RowNames names{
      .user = find_name(keys, kUserNames), .item = find_name(keys, kItemNames), .score = find_name(keys, kScoreNames)};
  if (is_whole(names)) {
    shape.kind = ListShape::Kind::kRows;
    shape.names = names;
  } else if (!is_array && !keys.empty() && object.starts().find_first_not_of("{[") == std::string::npos) {
    shape.kind = ListShape::Kind::kUserMap;
  }
  return shape;
}

std::string first_line(LineSource& source) {
  const auto text =
      source.peek_until(kMostPeeked, [](std::string_view seen) { return seen.find('\n') != std::string_view::npos; });
  return std::string(trim(text.substr(0, text.find('\n'))));
}

bool is_trec_run(std::string_view line) {
  std::vector<std::string> fields;
  while (!line.empty()) {
    const auto end = std::min(line.find_first_of(" \t"), line.size());
    if (end > 0) fields.emplace_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  constexpr std::size_t kRunFields = 6;
  constexpr std::size_t kScore = 4;
  return fields.size() >= kRunFields && is_number(fields[kScore]);
}

// A table with a header that names user and item, or with the columns user, item, score in this order.
std::optional<ListShape> table_shape(const std::string& line) {
  const char delimiter = find_delimiter(line);
  if (delimiter == '\0') return std::nullopt;
  ListShape shape{.kind = ListShape::Kind::kTable, .is_array = false, .names = {}, .header = {}};
  std::vector<std::string> fields = split_record(line, delimiter);
  for (auto& field : fields) field = column_name(field);
  shape.names = find_names(fields);
  if (is_whole(shape.names)) return shape;
  if (fields.size() != 3 || !is_number(fields[2])) return std::nullopt;
  shape.names = {.user = "user_id", .item = "item_id", .score = "score"};
  shape.header = {"user_id", "item_id", "score"};
  return shape;
}

ListShape text_shape(LineSource& source, bool is_table) {
  const auto line = first_line(source);
  ListShape trec{.kind = ListShape::Kind::kTrec, .is_array = false, .names = {}, .header = {}};
  if (!is_table && is_trec_run(line)) return trec;
  if (auto shape = table_shape(line)) return *std::move(shape);
  if (!is_table) return trec;
  return {.kind = ListShape::Kind::kTable,  // whose reader says which columns it expected
          .is_array = false,
          .names = {.user = "user_id", .item = "item_id", .score = {}},
          .header = {}};
}

}  // namespace

ListShape find_shape(LineSource& source, ListFormat format, bool streaming) {
  if (format == ListFormat::kTrec)
    return {.kind = ListShape::Kind::kTrec, .is_array = false, .names = {}, .header = {}};
  if (format == ListFormat::kCsv) return text_shape(source, true);
  const auto first = source.peek();
  if (first && *first != '{' && *first != '[' && format == ListFormat::kAuto) return text_shape(source, false);
  if (!first || (*first != '{' && *first != '[')) return {};
  auto shape = json_shape(source, *first == '[', streaming);
  if (format == ListFormat::kJsonl && shape.kind == ListShape::Kind::kUserMap) shape.kind = ListShape::Kind::kLists;
  if (format == ListFormat::kJson && !shape.is_array) shape.kind = ListShape::Kind::kUserMap;
  return shape;
}

std::string_view known_shapes() {
  return "known shapes:\n"
         "  JSON Lines  {\"user_id\": \"u\", \"results\": [{\"item_id\": \"i\", \"score\": 1.5}, ..]}\n"
         "              {\"user_id\": \"u\", \"item_id\": \"i\", \"score\": 1.5}\n"
         "  JSON        an array of either, {\"u\": {\"i\": 1.5, ..}, ..} as of ranx, {\"u\": [\"i\", ..], ..}\n"
         "  CSV, TSV    user_id,item_id,score, with a header (RecBole's user_id:token too) or without\n"
         "  TREC        u Q0 i 1 1.5 tag";
}

}  // namespace persona4rec
