// parse_gate(): the grammar of include/persona4rec/eval_gate.hpp.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/ascii.hpp"
#include "persona4rec/eval_gate.hpp"

namespace persona4rec {
namespace {

constexpr std::array<std::string_view, 5> kGroups = {"all", "warm", "cold", "head", "tail"};

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// What stands for a metric that names no k.
std::size_t usual_k(const std::vector<std::size_t>& ks) {
  if (ks.empty() || std::ranges::find(ks, std::size_t{10}) != ks.end()) return 10;
  return *std::ranges::max_element(ks);
}

class GateParser {
 public:
  GateParser(std::string_view text, const std::vector<std::size_t>& ks, const Place& place)
      : text_(text), ks_(ks), place_(place) {}

  Gate parse() {
    read_subject();
    read_group();
    read_rule();
    read_bound();
    skip_blanks();
    if (at_ < text_.size()) fail(at_, "expected the end of the gate");
    check();
    return std::move(gate_);
  }

 private:
  [[noreturn]] void fail(std::size_t at, const std::string& expected) const {
    std::string got(text_.substr(at));
    got = got.substr(0, got.find_first_of(" \t", 1));
    throw Error(ErrorKind::kUsage, place_,
                "gate \"" + std::string(text_) + "\", position " + std::to_string(at + 1) + ": " + expected + ", got " +
                    (got.empty() ? "nothing" : "\"" + got + "\""));
  }

  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }

  // The letters that come next, in lower case; they stay where they are.
  std::string word() {
    skip_blanks();
    auto end = at_;
    while (end < text_.size() && is_ascii_letter(text_[end])) ++end;
    return ascii_lower(text_.substr(at_, end - at_));
  }

  bool take_word(std::string_view wanted) {
    if (word() != wanted) return false;
    at_ += wanted.size();
    return true;
  }

  bool take(std::string_view wanted) {
    skip_blanks();
    if (!text_.substr(at_).starts_with(wanted)) return false;
    at_ += wanted.size();
    return true;
  }

  void read_subject() {
    const std::string name = word();
    subject_at_ = at_;
    const std::string_view as_written = text_.substr(at_, name.size());
    if (find_metric(as_written, gate_.metric.kind)) {
      at_ += name.size();
      gate_.metric.k = read_k();
    } else if (take_word("users")) {
      gate_.subject = GateSubject::kUsers;
    } else if (take_word("found")) {
      gate_.subject = GateSubject::kFound;
    } else if (take_word("unknown")) {
      if (!take_word("share")) fail(at_, "expected \"unknown share\"");
      gate_.subject = GateSubject::kUnknownShare;
    } else {
      fail(at_, "expected a metric (" + metric_names() + "), users, found or unknown share");
    }
  }

  std::size_t read_k() {
    if (at_ >= text_.size() || text_[at_] != '@') return usual_k(ks_);
    const auto start = ++at_;
    std::size_t k = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), k);
    if (error != std::errc() || k == 0) fail(start, "expected a list length of at least 1 after @");
    at_ = static_cast<std::size_t>(end - text_.data());
    return k;
  }

  void read_group() {
    if (!take_word("in")) return;
    gate_.group = word();
    if (std::ranges::find(kGroups, gate_.group) == kGroups.end()) {
      fail(at_, "expected a group of users (all, warm, cold, head, tail)");
    }
    group_at_ = at_;
    at_ += gate_.group.size();
  }

  void read_rule() {
    const bool drop = take_word("drop");
    if (take("<=")) {
      gate_.rule = drop ? GateRule::kDrop : GateRule::kAtMost;
    } else if (!drop && take(">=")) {
      gate_.rule = GateRule::kAtLeast;
    } else {
      fail(at_, drop ? "expected <=" : "expected >=, <= or drop");
    }
  }

  void read_bound() {
    skip_blanks();
    bound_at_ = at_;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), gate_.bound);
    if (error != std::errc() || !std::isfinite(gate_.bound)) fail(at_, "expected a number");
    at_ = static_cast<std::size_t>(end - text_.data());
    if (take("%")) gate_.bound /= 100;
  }

  // What can be read and means nothing.
  void check() {
    const bool drop = gate_.rule == GateRule::kDrop;
    if (drop && gate_.subject != GateSubject::kMetric) {
      fail(subject_at_, "expected a metric of each user before drop");
    }
    if (gate_.subject == GateSubject::kMetric && !is_per_user(gate_.metric.kind)) {
      if (drop) fail(subject_at_, "expected a metric of each user before drop; this one is of the whole file");
      if (gate_.group != "all")
        fail(group_at_.value_or(subject_at_), "expected no group: this metric is of the whole file");
    }
    if (gate_.subject == GateSubject::kUnknownShare && gate_.group != "all") {
      fail(group_at_.value_or(subject_at_), "expected no group: unknown share is of the whole file");
    }
    if (drop && !(gate_.bound >= 0 && gate_.bound < 1)) fail(bound_at_, "expected a drop from 0% to below 100%");
  }

  std::string_view text_;
  const std::vector<std::size_t>& ks_;
  const Place& place_;
  Gate gate_;
  std::size_t at_ = 0;
  std::size_t subject_at_ = 0;
  std::optional<std::size_t> group_at_;
  std::size_t bound_at_ = 0;
};

}  // namespace

Gate parse_gate(std::string_view text, const std::vector<std::size_t>& ks, const Place& place) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  Gate gate = GateParser(text, ks, place).parse();
  gate.text = text;
  return gate;
}

}  // namespace persona4rec
