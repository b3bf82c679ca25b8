#include "io/candidate_lists.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "base/stop.hpp"
#include "base/utf8.hpp"
#include "io/jsonl_reader.hpp"
#include "io/line_source.hpp"

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

struct RunLine {
  UserId user;
  Candidate candidate;
  Place place;
};

RunLine parse_run_line(std::string_view line, const Place& place) {
  if (find_bad_utf8(line)) throw input_error(place, "expected UTF-8");
  std::array<std::string_view, 6> fields;
  std::size_t count = 0;
  for (auto begin = line.find_first_not_of(" \t"); begin != std::string_view::npos; ++count) {
    const auto end = std::min(line.find_first_of(" \t", begin), line.size());
    if (count < fields.size()) fields[count] = line.substr(begin, end - begin);
    begin = line.find_first_not_of(" \t", end);
  }
  if (count != fields.size()) {
    throw input_error(
        place, "expected the 6 fields of a TREC run (user Q0 item rank score tag), got " + std::to_string(count));
  }
  double score = 0;
  const auto [end, error] = std::from_chars(fields[4].data(), fields[4].data() + fields[4].size(), score);
  if (error != std::errc() || end != fields[4].data() + fields[4].size() || !std::isfinite(score)) {
    throw input_error({place.file, place.line, "score"}, "expected a number, got \"" + std::string(fields[4]) + "\"");
  }
  return {UserId(std::string(fields[0])), {ItemId(std::string(fields[2])), score}, place};
}

class TrecLists final : public CandidateLists {
 public:
  TrecLists(const std::filesystem::path& path, std::uint64_t max_bad_rows)
      : source_(path), file_(path == "-" ? "<stdin>" : path.string()), max_bad_rows_(max_bad_rows) {
    advance();
    if (!ahead_) throw input_error({.file = file_}, "expected a TREC run, got an empty file");
  }

  bool next(CandidateRow& list) override {
    if (!ahead_) return false;
    list = {.user_id = ahead_->user};
    place_ = ahead_->place;
    while (ahead_ && ahead_->user == list.user_id) {
      list.results.push_back(std::move(ahead_->candidate));
      advance();
    }
    std::ranges::stable_sort(list.results, [](const auto& a, const auto& b) { return *a.score > *b.score; });
    return true;
  }
  [[nodiscard]] bool ready() const override { return source_.has_buffered_line(); }
  [[nodiscard]] Place place() const override { return place_; }
  [[nodiscard]] std::uint64_t bad_rows() const override { return bad_rows_; }
  [[nodiscard]] std::string sha256() const override { return sha256_; }

 private:
  // Reads the next good line; blank ones are passed over.
  void advance() {
    ahead_.reset();
    while (source_.next(line_)) {
      throw_if_stopped();
      if (trim(line_).empty()) continue;
      try {
        ahead_ = parse_run_line(line_, {.file = file_, .line = source_.line()});
        return;
      } catch (const Error&) {
        if (bad_rows_ >= max_bad_rows_) throw;
        ++bad_rows_;
      }
    }
    sha256_ = source_.sha256();
  }

  LineSource source_;
  std::string file_;
  std::uint64_t max_bad_rows_;
  std::uint64_t bad_rows_ = 0;
  std::string line_;
  std::optional<RunLine> ahead_;  // the first line of the next list; nothing at the end
  Place place_;
  std::string sha256_;
};

CandidateFormat resolve(const std::filesystem::path& path, CandidateFormat format) {
  if (format != CandidateFormat::kAuto || path == "-") {
    return format == CandidateFormat::kAuto ? CandidateFormat::kJsonl : format;
  }
  LineSource source(path);
  for (std::string line; source.next(line);) {
    if (const auto text = trim(line); !text.empty()) {
      return text.front() == '{' ? CandidateFormat::kJsonl : CandidateFormat::kTrec;
    }
  }
  return CandidateFormat::kJsonl;  // empty: its reader says so
}

}  // namespace

std::unique_ptr<CandidateLists> open_candidate_lists(const std::filesystem::path& path, CandidateFormat format,
                                                     std::uint64_t max_bad_rows) {
  if (resolve(path, format) == CandidateFormat::kTrec) return std::make_unique<TrecLists>(path, max_bad_rows);
  return std::make_unique<JsonlLists>(path, max_bad_rows);
}

}  // namespace persona4rec
