#include "io/candidate_lists.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/utf8.hpp"
#include "io/jsonl_reader.hpp"
#include "io/line_source.hpp"
#include "io/trec_reader.hpp"

namespace persona4rec {
namespace {

class JsonlLists final : public CandidateLists {
 public:
  JsonlLists(const std::filesystem::path& path, std::uint64_t max_bad_rows)
      : reader_(path, {.max_bad_rows = max_bad_rows}) {}

  bool next(CandidateRow& list) override { return reader_.next(list); }
  [[nodiscard]] bool ready() const override { return reader_.has_buffered_line(); }
  [[nodiscard]] Place place() const override { return reader_.place(); }
  [[nodiscard]] std::uint64_t bad_rows() const override { return reader_.bad_rows(); }
  [[nodiscard]] std::string sha256() const override { return reader_.sha256(); }

 private:
  JsonlReader reader_;
};

class TrecLists final : public CandidateLists {
 public:
  TrecLists(const std::filesystem::path& path, std::uint64_t max_bad_rows) : reader_(path, max_bad_rows) { advance(); }

  bool next(CandidateRow& list) override {
    if (!ahead_) return false;
    place_ = ahead_place_;
    list = {.user_id = ahead_->user_id};
    while (ahead_ && ahead_->user_id == list.user_id) {
      list.results.push_back({.item_id = std::move(ahead_->item_id), .score = ahead_->score});
      advance();
    }
    std::ranges::stable_sort(list.results, [](const auto& a, const auto& b) { return *a.score > *b.score; });
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

}  // namespace

ListFormat resolve_format(const std::filesystem::path& path, ListFormat format) {
  if (format != ListFormat::kAuto) return format;
  if (path == "-") return ListFormat::kJsonl;
  LineSource source(path);
  for (std::string line; source.next(line);) {
    if (const auto text = trim(line); !text.empty()) {
      return text.front() == '{' ? ListFormat::kJsonl : ListFormat::kTrec;
    }
  }
  return ListFormat::kJsonl;  // empty: its reader says so
}

std::unique_ptr<CandidateLists> open_candidate_lists(const std::filesystem::path& path, ListFormat format,
                                                     std::uint64_t max_bad_rows) {
  if (resolve_format(path, format) == ListFormat::kTrec) return std::make_unique<TrecLists>(path, max_bad_rows);
  return std::make_unique<JsonlLists>(path, max_bad_rows);
}

}  // namespace persona4rec
