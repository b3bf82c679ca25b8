#include "report/workspace/data_check.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <utility>

#include "base/format.hpp"
#include "io/json_file.hpp"
#include "io/jsonl_reader.hpp"
#include "io/lists/candidate_lists.hpp"
#include "records/row_fields.hpp"
#include "records/time.hpp"
#include "report/workspace/id_overlap.hpp"
#include "report/workspace/run_files.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kMostBars = 12;  // of the histogram of ratings
constexpr std::size_t kYearDigits = 4;

using NamedCounts = std::vector<std::pair<std::string, std::uint64_t>>;

// A bar for each count.
ReportChart bars_of(const NamedCounts& counts, const char* title, const char* what) {
  ReportChart chart{.kind = ChartKind::kBars,
                    .title = title,
                    .description = std::string("Bars: the number of reviews by ") + what + ".",
                    .x_label = what,
                    .y_label = "reviews",
                    .value_format = "%.0f",
                    .categories = {},
                    .series = {{.name = "reviews", .color = 1, .points = {}}}};
  for (const auto& [name, count] : counts) {
    chart.series.front().points.push_back(
        {.x = static_cast<double>(chart.categories.size()), .y = static_cast<double>(count)});
    chart.categories.push_back(name);
  }
  return chart;
}

class DataCheck {
 public:
  explicit DataCheck(const DataCheckOptions& options) : options_(options) {}

  ReportSection section() {
    read_reviews();
    read_cache();
    read_truth();
    for (const auto& lists : options_.lists) read_lists(lists);
    add_overlap();
    return std::move(section_);
  }

 private:
  void note(const std::string& text, NoteKind kind = NoteKind::kAbsent) {
    section_.blocks.emplace_back(ReportNote{text, kind});
  }

  std::size_t add_set(const std::string& name, bool is_column) {
    (void)items_.add_set(name, is_column);
    return users_.add_set(name, is_column);
  }

  void read_reviews() {
    const auto path = options_.workspace.aspects();
    if (!std::filesystem::is_regular_file(path)) return note("No reviews to look at: 1_aspects.jsonl is not there.");
    const std::size_t set = add_set("reviews", true);
    const TimeFormat time = workspace_time(options_.workspace, options_.time);
    JsonlReader reader(path, {.max_bad_rows = UINT64_MAX, .read = {time}});
    const std::function<void(const RowView&)> take = [&](const RowView& view) {
      const Timestamp at = read_timestamp(view, "timestamp", time);
      const Rating rating = read_rating(view, "rating", true);
      users_.add(set, view.id<UserId>("user_id").text());
      items_.add(set, view.id<ItemId>("item_id").text());
      span_.add(at.ms);
      if (!rating.is_none()) ++ratings_[std::round(rating.value * 100) / 100];
      if (time.unit != TimeUnit::kNone) ++years_[date_text(at.ms).substr(0, kYearDigits)];
    };
    while (reader.next(take)) {
    }
    show_reviews(reader);
    if (const auto doubt = unit_doubt(span_, time); !doubt.empty()) note(doubt, NoteKind::kWarning);
  }

  void show_reviews(const JsonlReader& reader) {
    double sum = 0;
    for (const auto& [rating, count] : ratings_) sum += rating * static_cast<double>(count);
    ReportFacts facts{{"Reviews", with_commas(reader.rows()), ""}};
    if (!years_.empty()) {
      facts.push_back({"First day", date_text(span_.first_ms), ""});
      facts.push_back({"Last day", date_text(span_.last_ms), ""});
    }
    if (!ratings_.empty()) {
      facts.push_back({"Mean rating", fixed_text(sum / static_cast<double>(reader.rows()), 2), ""});
    }
    section_.blocks.emplace_back(std::move(facts));
    ReportCharts charts;
    if (!ratings_.empty()) charts.push_back(bars_of(rating_bars(), "Ratings", "rating"));
    if (!years_.empty()) charts.push_back(bars_of({years_.begin(), years_.end()}, "Reviews by year", "year"));
    if (!charts.empty()) section_.blocks.emplace_back(std::move(charts));
    if (reader.bad_rows() > 0)
      note(with_commas(reader.bad_rows()) + " rows of 1_aspects.jsonl cannot be read.", NoteKind::kWarning);
  }

  // Each rating there is, or ten ranges where there are many.
  [[nodiscard]] NamedCounts rating_bars() const {
    NamedCounts bars;
    if (ratings_.empty()) return bars;
    const double low = ratings_.begin()->first;
    const double width = (ratings_.rbegin()->first - low) / 10;
    for (const auto& [rating, count] : ratings_) {
      const double begin = low + width * std::min(std::floor((rating - low) / width), 9.0);
      const bool few = ratings_.size() <= kMostBars;
      std::string name = few ? number_text("%g", rating) : "from " + number_text("%.3g", begin);
      if (bars.empty() || bars.back().first != name) bars.emplace_back(std::move(name), 0);
      bars.back().second += count;
    }
    return bars;
  }

  void read_ids(const std::filesystem::path& path, const char* field, IdOverlap& ids, std::size_t set) {
    if (!std::filesystem::is_regular_file(path)) return;
    JsonlReader reader(path, {.allow_empty_file = true});
    while (reader.next([&](const RowView& view) { ids.add(set, view.id<ItemId>(field).text()); })) {
    }
  }

  void read_cache() {
    const CacheFiles cache{options_.workspace.cache()};
    if (!std::filesystem::is_directory(cache.root))
      return note("No cache in this workspace: its ids are not compared.");
    const std::size_t set = add_set("the cache", true);
    read_ids(cache.user_profile(options_.truth_options.world) / "users.jsonl", "user_id", users_, set);
    read_ids(cache.words() / "items.jsonl", "item_id", items_, set);
  }

  void read_truth() {
    if (!std::filesystem::is_regular_file(options_.truth))
      return note("The ground truth came through a pipe: its ids are not compared.");
    const std::size_t set = add_set("the ground truth", true);
    read_truth_items(options_.truth, options_.truth_options, [&](const UserId& user, const ItemId& item) {
      users_.add(set, user.text());
      items_.add(set, item.text());
    });
  }

  void read_lists(const JudgedLists& lists) {
    if (!std::filesystem::is_regular_file(lists.path))
      return note(lists.name + " came through a pipe: its ids are not compared.");
    if (++lists_ > IdOverlap::kMostSets / 2) return;
    const std::size_t set = add_set(lists.name, false);
    const auto source = open_candidate_lists(lists.path, {options_.list_format, options_.truth_options.max_bad_rows});
    for (CandidateRow row; source->next(row); row = {}) {
      users_.add(set, row.user_id.text());
      for (const auto& candidate : row.results) {
        if (!candidate.is_pad()) items_.add(set, candidate.item_id.text());
      }
    }
  }

  void add_overlap() {
    section_.blocks.emplace_back(users_.table("Users, and how many of them the others know", "users"));
    section_.blocks.emplace_back(items_.table("Items, and how many of them the others know", "items"));
  }

  const DataCheckOptions& options_;
  ReportSection section_{.id = "data", .title = "Data check", .blocks = {}};
  IdOverlap users_;
  IdOverlap items_;
  TimeSpan span_;
  std::map<std::string, std::uint64_t> years_;
  std::map<double, std::uint64_t> ratings_;
  std::size_t lists_ = 0;
};

}  // namespace

TimeFormat workspace_time(const Workspace& workspace, const TimeFormat& otherwise) {
  const Json settings = object_at(read_stage_files(workspace.aspects()).meta, "settings");
  const std::string unit = string_at(settings, "time_unit");
  if (unit.empty()) return otherwise;
  if (unit == "s") return {.unit = TimeUnit::kSeconds, .format = ""};
  if (unit == "ms") return {.unit = TimeUnit::kMilliseconds, .format = ""};
  if (unit == "none") return {.unit = TimeUnit::kNone, .format = ""};
  return {.unit = TimeUnit::kFormat, .format = unit};
}

ReportSection data_section(const DataCheckOptions& options) {
  return DataCheck(options).section();
}

}  // namespace persona4rec
