#include "io/lists/plain_list.hpp"

#include <simdjson.h>

#include <charconv>

#include "io/lists/plain_scanner.hpp"

namespace persona4rec {
namespace {

template <std::size_t kSize>
bool is(std::string_view text, const char (&literal)[kSize]) {
  // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): the size was compared
  return text.size() == kSize - 1 && begins_with(text.data(), literal);
}

// Behind a row: the bytes of its line, whose long characters are looked at now; 0 where it is not plain after all.
std::size_t line_bytes(PlainScanner& scanner) {
  const auto row = scanner.passed();
  if (scanner.saw_long_characters() && !simdjson::validate_utf8(row.data(), row.size())) return 0;
  return scanner.line_end() ? scanner.passed().size() : 0;
}

// A row on its way into a list. A key given twice is not plain: the first one counts.
class PlainRow {
 public:
  PlainRow(std::string_view text, const PlainListOptions& options, PlainList& list)
      : scanner_(text), options_(options), list_(list) {}

  std::size_t scan() {
    const auto take_member = [this](std::string_view key) { return member(key); };
    const bool whole = scanner_.members(take_member) && (seen_ & kNeeded) == kNeeded;
    return whole ? line_bytes(scanner_) : 0;
  }

 private:
  enum Field : unsigned { kUser = 1, kResults = 2, kTopk = 4, kScope = 8, kNeeded = kUser | kResults };
  enum ItemField : unsigned { kItem = 1, kScore = 2, kBaseRank = 4, kPersona = 8 };

  static bool is_new(unsigned& seen, unsigned field) {
    const bool fresh = (seen & field) == 0;
    seen |= field;
    return fresh;
  }

  bool member(std::string_view key) {
    if (is(key, "user_id")) return is_new(seen_, kUser) && id(list_.user, list_.user_is_integer) && !list_.user.empty();
    if (is(key, "results")) {
      return is_new(seen_, kResults) && scanner_.elements([this] { return item(); });
    }
    std::string_view ignored;
    bool is_integer = false;
    if (is(key, "topk")) return is_new(seen_, kTopk) && (scanner_.word("null") || scanner_.number(ignored, is_integer));
    if (is(key, "filter_scope")) return is_new(seen_, kScope) && (scanner_.word("null") || scanner_.string(ignored));
    return scanner_.value();
  }

  bool item() {
    PlainItem& item = list_.items.emplace_back();
    if (usual_item(item)) return true;
    item = {};
    unsigned seen = 0;
    if (!scanner_.members([&](std::string_view key) { return item_member(key, item, seen); })) return false;
    if (item.id.empty()) list_.items.pop_back();  // the published files' empty ids
    return true;
  }

  // As most files have every item, byte for byte; else nothing is taken.
  bool usual_item(PlainItem& item) {
    scanner_.skip_blanks();
    const char* begin = scanner_.place();
    if ((scanner_.literal(R"({"item_id": ")") || scanner_.literal(R"({"item_id":")")) &&
        scanner_.rest_of_string(item.id) && !item.id.empty() &&
        (scanner_.literal(R"(, "score": )") || scanner_.literal(R"(,"score":)")) && usual_score(item)) {
      return true;
    }
    scanner_.go_back(begin);
    return false;
  }

  bool item_member(std::string_view key, PlainItem& item, unsigned& seen) {
    if (is(key, "item_id")) return is_new(seen, kItem) && id(item.id, item.id_is_integer);
    if (is(key, "score")) return is_new(seen, kScore) && (scanner_.word("null") || score(item));
    if (!options_.base_ranks) return scanner_.value();
    if (is(key, "base_rank")) return is_new(seen, kBaseRank) && base_rank(item);
    if (is(key, "persona_id")) {
      item.has_persona = !scanner_.next_is('n');
      return is_new(seen, kPersona) && scanner_.value();
    }
    return scanner_.value();
  }

  // As text, which a whole number is where it is written as we write it.
  bool id(std::string_view& out, bool& is_integer) {
    is_integer = false;
    if (scanner_.next_is('"')) return scanner_.string(out);
    return scanner_.number(out, is_integer) && is_integer && out.front() != '-';
  }

  // And the item's end.
  bool usual_score(PlainItem& item) {
    std::string_view text;
    bool is_integer = false;
    if (scanner_.usual_number(text, '}')) return score_of(item, text, is_integer);
    return scanner_.number(text, is_integer) && score_of(item, text, is_integer) && scanner_.literal("}");
  }

  bool score(PlainItem& item) {
    std::string_view text;
    bool is_integer = false;
    return scanner_.number(text, is_integer) && score_of(item, text, is_integer);
  }

  bool score_of(PlainItem& item, std::string_view text, bool is_integer) {
    if (!options_.scores) return true;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    item.score = value + (is_integer ? 0.0 : -0.0);  // the integer -0 is 0
    return error == std::errc() && end == text.data() + text.size();
  }

  bool base_rank(PlainItem& item) {
    if (scanner_.word("null")) return true;
    std::string_view text;
    bool is_integer = false;
    if (!scanner_.number(text, is_integer) || !is_integer || text.front() == '-') return false;
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    item.base_rank = value;
    return true;
  }

  PlainScanner scanner_;
  const PlainListOptions& options_;
  PlainList& list_;
  unsigned seen_ = 0;
};

}  // namespace

std::size_t scan_plain_list(std::string_view text, const PlainListOptions& options, PlainList& list) {
  list.items.clear();
  return PlainRow(text, options, list).scan();
}

std::size_t scan_plain_pair(std::string_view text, PlainPair& pair) {
  PlainScanner scanner(text);
  unsigned seen = 0;
  const auto take_member = [&](std::string_view key) {
    const unsigned field = is(key, "user_id") ? 1 : is(key, "item_id") ? 2 : 0;
    if (field == 0 || (seen & field) != 0) return false;
    seen |= field;
    return scanner.string(field == 1 ? pair.user : pair.item);
  };
  const bool whole = scanner.members(take_member) && seen == 3 && !pair.user.empty() && !pair.item.empty();
  return whole ? line_bytes(scanner) : 0;
}

void view_list(const CandidateRow& row, PlainList& list) {
  list.user = row.user_id.text();
  list.user_is_integer = row.user_id.is_integer();
  list.items.clear();
  for (const auto& candidate : row.results) {
    list.items.push_back({.id = candidate.item_id.text(),
                          .id_is_integer = candidate.item_id.is_integer(),
                          .has_persona = candidate.has_persona,
                          .score = candidate.score,
                          .base_rank = candidate.base_rank});
  }
}

}  // namespace persona4rec
