#include "io/lists/candidate_lists.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "io/jsonl_reader.hpp"
#include "io/lists/trec_reader.hpp"

namespace persona4rec {
namespace {

class JsonlLists final : public CandidateLists {
 public:
  JsonlLists(LineSource source, const ListOptions& options)
      : reader_(std::move(source), {.max_bad_rows = options.max_bad_rows,
                                    .read = {.base_ranks = options.base_ranks},
                                    .on_bad_row = options.on_bad_row}) {}

  bool next(CandidateRow& list) override { return reader_.next(list); }
  [[nodiscard]] bool ready() const override { return reader_.has_buffered_line(); }
  [[nodiscard]] Place place() const override { return reader_.place(); }
  [[nodiscard]] std::uint64_t bad_rows() const override { return reader_.bad_rows(); }
  [[nodiscard]] std::string sha256() const override { return reader_.sha256(); }

 private:
  JsonlReader reader_;
};

// By score, highest first; of equal ones the greater item name first, as trec_eval has it, which keeps scores as
// floats. Those beyond a float's range, infinite there, are told apart here.
void order_as_trec_eval(CandidateRow& list) {
  std::ranges::stable_sort(list.results, [](const Candidate& a, const Candidate& b) {
    const auto left = static_cast<float>(*a.score);
    const auto right = static_cast<float>(*b.score);
    if (left != right) return left > right;
    if (std::isinf(left) && *a.score != *b.score) return *a.score > *b.score;
    return a.item_id.text() > b.item_id.text();
  });
}

// A run whose lines come while it is read: a list ends where the next user's lines begin.
class TrecStream final : public CandidateLists {
 public:
  TrecStream(LineSource source, std::uint64_t max_bad_rows) : reader_(std::move(source), max_bad_rows) { advance(); }

  bool next(CandidateRow& list) override {
    if (!ahead_) return false;
    place_ = ahead_place_;
    list = {.user_id = ahead_->user_id};
    while (ahead_ && ahead_->user_id == list.user_id) {
      list.results.push_back({.item_id = std::move(ahead_->item_id), .score = ahead_->score});
      advance();
    }
    order_as_trec_eval(list);
    return true;
  }
  [[nodiscard]] bool ready() const override { return reader_.has_buffered_line(); }
  [[nodiscard]] Place place() const override { return place_; }
  [[nodiscard]] std::uint64_t bad_rows() const override { return reader_.bad_rows(); }
  [[nodiscard]] std::string sha256() const override { return reader_.sha256(); }

 private:
  void advance() {
    ahead_.reset();
    reader_.next([this](std::string_view line, const Place& place) {
      ahead_ = parse_run_line(line, place);
      ahead_place_ = place;
    });
  }

  TrecReader reader_;
  std::optional<RunLine> ahead_;  // the first line of the next list; nothing at the end
  Place ahead_place_;
  Place place_;
};

// A whole run, whose users' lines may stand anywhere: users in the order of their first lines.
class TrecLists final : public CandidateLists {
 public:
  TrecLists(LineSource source, std::uint64_t max_bad_rows) : reader_(std::move(source), max_bad_rows) {
    while (
        reader_.next([this](std::string_view line, const Place& place) { add(parse_run_line(line, place), place); })) {
    }
    list_of_.clear();
    number_of_.clear();
  }

  bool next(CandidateRow& list) override {
    if (at_ == lists_.size()) return false;
    auto& from = lists_[at_++];
    list = {.user_id = std::move(from.user)};
    for (const auto& result : from.results) list.results.push_back({items_[result.item], result.score});
    place_ = {.file = reader_.place().file, .line = from.line};
    from.results = {};
    order_as_trec_eval(list);
    return true;
  }
  [[nodiscard]] bool ready() const override { return true; }
  [[nodiscard]] Place place() const override { return place_; }
  [[nodiscard]] std::uint64_t bad_rows() const override { return reader_.bad_rows(); }
  [[nodiscard]] std::string sha256() const override { return reader_.sha256(); }

 private:
  struct Result {
    std::uint32_t item;  // index into items_
    double score;
  };
  struct List {
    UserId user;
    std::uint64_t line;
    std::vector<Result> results;
  };

  void add(RunLine&& line, const Place& place) {
    const auto [user, new_user] = list_of_.try_emplace(line.user_id, lists_.size());
    if (new_user) lists_.push_back({std::move(line.user_id), place.line, {}});
    const auto [item, new_item] = number_of_.try_emplace(line.item_id, static_cast<std::uint32_t>(items_.size()));
    if (new_item) items_.push_back(std::move(line.item_id));
    lists_[user->second].results.push_back({item->second, line.score});
  }

  TrecReader reader_;
  std::unordered_map<UserId, std::size_t> list_of_;
  std::unordered_map<ItemId, std::uint32_t> number_of_;
  std::vector<List> lists_;
  std::vector<ItemId> items_;
  std::size_t at_ = 0;
  Place place_;
};

}  // namespace

ListFormat find_format(LineSource& source, ListFormat format) {
  if (format != ListFormat::kAuto) return format;
  const auto first = source.peek();
  // An array is no list file: the reader of JSON Lines says so. So it does of an empty file.
  return !first || *first == '{' || *first == '[' ? ListFormat::kJsonl : ListFormat::kTrec;
}

std::unique_ptr<CandidateLists> open_candidate_lists(const InputFile& input, const ListOptions& options) {
  LineSource source(input);
  if (find_format(source, options.format) == ListFormat::kJsonl) {
    return std::make_unique<JsonlLists>(std::move(source), options);
  }
  if (options.streaming) return std::make_unique<TrecStream>(std::move(source), options.max_bad_rows);
  return std::make_unique<TrecLists>(std::move(source), options.max_bad_rows);
}

}  // namespace persona4rec
