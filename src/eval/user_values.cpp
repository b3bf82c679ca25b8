#include "eval/user_values.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "eval/undefined.hpp"
#include "io/json_file.hpp"
#include "io/jsonl_reader.hpp"
#include "persona4rec/error.hpp"
#include "records/row_json.hpp"

namespace persona4rec {
namespace {

Json or_null(double value) {
  return std::isnan(value) ? Json(nullptr) : Json(value);
}

struct StoredRow {
  UserId user_id;
  std::uint32_t rank = 0;  // 0 = not in the list
  Json metrics;
};

StoredRow stored_row(const RowView& view) {
  return {.user_id = view.id<UserId>("user_id"),
          .rank = view.has("rank") ? static_cast<std::uint32_t>(view.unsigned_number("rank")) : 0,
          .metrics = view.json("metrics")};
}

// A row inside a report.
StoredRow stored_row(const Json& row, const Place& place) {
  const auto field = [&](const char* name) { return row.is_object() ? row.value(name, Json()) : Json(); };
  const Json id = field("user_id");
  if (!id.is_string() && !id.is_number_integer()) {
    throw input_error({place.file, place.line, "users.user_id"}, "expected a string or an integer");
  }
  const Json rank = field("rank");
  return {.user_id = id.is_string() ? UserId(id.get<std::string>()) : UserId(id.dump(), true),
          .rank = rank.is_number_unsigned() ? rank.get<std::uint32_t>() : 0,
          .metrics = field("metrics")};
}

// Puts rows where the report's users and metrics are.
class ValueTaker {
 public:
  explicit ValueTaker(const EvalReport& report) : report_(report) {
    for (const auto& metric : report.metrics) names_.push_back(to_string(metric));
    for (std::uint32_t user = 0; user < report.users.size(); ++user) index_.emplace(report.users[user], user);
    start_file();
  }

  void start_file() {
    const std::size_t users = report_.users.size();
    file_ = {};
    file_.evaluated.resize(users);
    file_.first_rank.resize(users);
    file_.values.resize(users * names_.size());
    file_.list_values.resize(report_.list_metrics.size(), kUndefined);
  }

  void take(const StoredRow& row, const Place& place) {
    ++file_.counts.lists;
    const auto it = index_.find(row.user_id);
    if (it == index_.end()) {
      ++file_.counts.without_truth;
      return;
    }
    const auto user = it->second;
    if (std::exchange(file_.evaluated[user], 1) != 0) {
      throw input_error({place.file, place.line, "user_id"},
                        "expected a user's values once, got user \"" + row.user_id.text() + "\" again");
    }
    file_.first_rank[user] = row.rank;
    for (std::size_t m = 0; m < names_.size(); ++m) {
      file_.values[user * names_.size() + m] = value_of(row.metrics, names_[m], place);
    }
  }

  EvalFile finish() {
    file_.counts.missing = static_cast<std::uint64_t>(std::ranges::count(file_.evaluated, 0));
    if (report_.missing == MissingLists::kZero) std::ranges::fill(file_.evaluated, std::uint8_t{1});
    return std::move(file_);
  }

 private:
  static double value_of(const Json& metrics, const std::string& name, const Place& place) {
    if (!metrics.is_object()) throw input_error({place.file, place.line, "metrics"}, "expected an object");
    const auto it = metrics.find(name);
    if (it == metrics.end()) {
      std::string known;
      for (const auto& [key, value] : metrics.items()) known += (known.empty() ? "" : ", ") + key;
      throw input_error({place.file, place.line, "metrics"}, "holds " + known + ", not " + name +
                                                                 ": make the baseline again with the same --metrics, "
                                                                 "--ks and gates, or compare with its lists");
    }
    if (it->is_null()) return kUndefined;
    if (!it->is_number()) throw input_error({place.file, place.line, "metrics." + name}, "expected a number");
    return it->get<double>();
  }

  const EvalReport& report_;
  std::vector<std::string> names_;  // [metrics]
  std::unordered_map<UserId, std::uint32_t> index_;
  EvalFile file_;
};

StoredValues read_rows(const InputFile& input, const EvalReport& report) {
  ValueTaker taker(report);
  std::string current;
  JsonlReader reader(input);
  const std::function<void(const RowView&)> take = [&](const RowView& row) {
    const std::string file(row.maybe_string("file").value_or(""));
    if (file != std::exchange(current, file)) taker.start_file();
    taker.take(stored_row(row), reader.place());
  };
  while (reader.next(take)) {
  }
  StoredValues stored{.file = taker.finish()};
  stored.file.sha256 = reader.sha256();
  return stored;
}

std::string whole_text(const InputFile& input, std::string& sha256) {
  LineSource source(input);
  std::string text;
  for (std::string line; source.next(line);) text.append(line).append("\n");
  sha256 = source.sha256();
  return text;
}

// Values of a whole file, which have no rows.
void take_list_values(EvalFile& file, const Json& metrics, const std::vector<Metric>& wanted) {
  for (std::size_t m = 0; m < wanted.size(); ++m) {
    const auto name = to_string(wanted[m]);
    if (!metrics.is_object() || !metrics.contains(name)) continue;
    const auto& entry = metrics.at(name);
    if (entry.is_object() && entry.contains("mean") && entry.at("mean").is_number()) {
      file.list_values[m] = entry.at("mean").get<double>();
    }
  }
}

StoredValues read_report(const InputFile& input, const EvalReport& report) {
  std::string sha256;
  const Place place{.file = input.name()};
  const Json json = parse_json(whole_text(input, sha256), place);
  const Json files = json.value("files", Json::array());
  if (!files.is_array() || files.empty() || !files.back().is_object() || !files.back().contains("users")) {
    throw input_error({.file = input.name(), .field = "files"},
                      "this report holds no per-user values: make it again with --json-users");
  }
  const Json& stored_file = files.back();
  ValueTaker taker(report);
  for (const auto& row : stored_file.at("users")) taker.take(stored_row(row, place), place);
  StoredValues stored{.file = taker.finish()};
  stored.file.sha256 = sha256;
  const auto group = stored_file.value("groups", Json::object()).value("all", Json::object());
  take_list_values(stored.file, group.value("metrics", Json::object()), report.list_metrics);
  if (!string_at(json, "world").empty()) stored.world = string_at(json, "world");
  stored.truth_sha256 = string_at(json.value("truth", Json::object()), "sha256");
  stored.leaky = json.value("leaky", Json(false)) == Json(true);
  return stored;
}

}  // namespace

Json user_row(const EvalReport& report, const EvalFile& file, std::uint32_t user) {
  Json row = {{"user_id", to_json(report.users[user])}};
  row["rank"] = file.first_rank[user] > 0 ? Json(file.first_rank[user]) : Json(nullptr);
  Json& metrics = row["metrics"] = Json::object();
  for (std::size_t m = 0; m < report.metrics.size(); ++m) {
    metrics[to_string(report.metrics[m])] = or_null(file.values[user * report.metrics.size() + m]);
  }
  return row;
}

std::optional<StoredValues> read_user_values(const InputFile& input, const EvalReport& report) {
  LineSource source(input);
  if (source.peek() != '{') return std::nullopt;
  std::string line;
  while (line.find_first_not_of(" \t") == std::string::npos && source.next(line)) {
  }
  const Json first = parse_json_or_discarded(line);
  if (first.is_discarded()) {  // a report over many lines, or broken: the reader of lists says how
    std::string second;
    const bool is_report = line.find_first_not_of(" \t{") == std::string::npos && source.next(second) &&
                           second.find("\"command\"") != std::string::npos;
    return is_report ? std::optional(read_report(input, report)) : std::nullopt;
  }
  if (string_at(first, "command") == "eval") return read_report(input, report);
  if (first.contains("metrics") && !first.contains("results")) return read_rows(input, report);
  return std::nullopt;
}

}  // namespace persona4rec
