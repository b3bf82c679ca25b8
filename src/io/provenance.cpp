#include "io/provenance.hpp"

#include <sys/utsname.h>

#include <utility>

#include "base/clock.hpp"
#include "base/hash.hpp"
#include "base/log.hpp"
#include "base/parallel.hpp"
#include "base/version.hpp"
#include "io/artifacts.hpp"
#include "io/invocation.hpp"
#include "io/json_file.hpp"
#include "io/output_file.hpp"
#include "io/output_target.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

std::string machine_text() {
  utsname name = {};
  uname(&name);
  return std::string(name.sysname) + " " + name.release + " " + name.machine + ", " +
         std::to_string(default_threads()) + " processors";
}

// What is read from meta files, here and in the stages. `model` may be null.
constexpr JsonField kMetaFields[] = {{"artifact", JsonKind::kText},
                                     {"command", JsonKind::kText},
                                     {"version", JsonKind::kText},
                                     {"sha256", JsonKind::kText},
                                     {"rows", JsonKind::kCount},
                                     {"inputs", JsonKind::kTexts},
                                     {"lineage", JsonKind::kTexts},
                                     {"settings", JsonKind::kObject},
                                     {"options", JsonKind::kObject},
                                     {"prompts", JsonKind::kTexts},
                                     {"counts", JsonKind::kObject},
                                     {"options.build", JsonKind::kText},
                                     {"options.for", JsonKind::kText},
                                     {"options.has_head", JsonKind::kFlag},
                                     {"options.personalised", JsonKind::kFlag},
                                     {"options.uid_with_text", JsonKind::kFlag},
                                     {"options.k_recent", JsonKind::kCount},
                                     {"options.shard", JsonKind::kText}};

// Which command to run again when a role's artifact is out of date.
std::string command_of(const Json& meta, const std::string& fallback) {
  return meta.is_object() && meta.contains("command") ? meta["command"].get<std::string>() : fallback;
}

}  // namespace

Json read_meta(const std::filesystem::path& artifact) {
  const auto path = meta_path(artifact);
  std::error_code ignored;
  if (artifact == "-" || !std::filesystem::exists(path, ignored)) return nullptr;
  Json meta = read_json_file(path);
  check_fields(meta, {.file = path.string()}, kMetaFields);
  return meta;
}

Json split_settings(const SplitOptions& options) {
  Json out = {{"split", to_string(options.policy)}, {"seed", options.seed}};
  const bool cold_items = options.policy == SplitPolicy::kColdItems;
  if (options.policy == SplitPolicy::kLeaveOneOut || cold_items) {
    out["min_positives"] = options.min_positives;
    out["min_history"] = options.min_history;
  }
  if (cold_items) out["cold_share"] = options.cold_share;
  if (options.policy == SplitPolicy::kTemporal) {
    out["cutoff_ms"] = options.cutoff_ms;
    // A default that only the interactions decide is unknown to a stage that reads none; its inputs say it.
    if (options.valid_cutoff_ms) out["valid_cutoff_ms"] = *options.valid_cutoff_ms;
  }
  if (options.liked_from != kLikedFrom) out["liked_from"] = options.liked_from;
  return out;
}

Json time_settings(const TimeFormat& format) {
  if (format.unit == TimeUnit::kFormat) return {{"time_unit", format.format}};
  if (format.unit == TimeUnit::kNone) return {{"time_unit", "none"}};
  return {{"time_unit", format.unit == TimeUnit::kSeconds ? "s" : "ms"}};
}

std::optional<TimeFormat> read_time_settings(const Json& meta) {
  if (!meta.is_object()) return std::nullopt;
  const Json settings = meta.value("settings", Json::object());
  const auto unit = settings.find("time_unit");
  if (unit == settings.end() || !unit->is_string()) return std::nullopt;
  if (*unit == "s") return TimeFormat{.unit = TimeUnit::kSeconds};
  if (*unit == "ms") return TimeFormat{.unit = TimeUnit::kMilliseconds};
  return TimeFormat{.unit = TimeUnit::kFormat, .format = unit->get<std::string>()};
}

Provenance::Provenance(std::string command, bool force)
    : command_(std::move(command)), force_(force), started_s_(unix_seconds()) {}

void Provenance::refuse(const std::string& message) const {
  if (!force_) throw Error(ErrorKind::kInput, message + " (--force goes on all the same)");
  log_warning(message + "; going on because of --force");
}

void Provenance::merge_lineage(const std::string& role, const std::string& value, const std::string& from) {
  if (const auto it = lineage_.find(role); it != lineage_.end()) {
    if (*it == value) return;
    refuse(lineage_from_[role] + " and " + from + " stand on different versions of " + role +
           ": run the stages behind " + role + " again");
    return;
  }
  lineage_[role] = value;
  lineage_from_[role] = from;
}

// A default that meta files leave out is a setting all the same.
void Provenance::merge_liked_from(const Json& other, const std::string& from) {
  if (!other.contains("split")) return;
  const Json value = other.value("liked_from", kLikedFrom);
  if (liked_from_.is_null()) {
    liked_from_ = value;
    liked_from_from_ = from;
  } else if (liked_from_ != value) {
    refuse(from + " was made with liked_from " + value.dump() + ", but " + liked_from_from_ + " has " +
           liked_from_.dump());
  }
}

void Provenance::merge_settings(const Json& other, const std::string& from) {
  merge_liked_from(other, from);
  for (const auto& [key, value] : other.items()) {
    if (const auto it = settings_.find(key); it != settings_.end()) {
      if (*it != value && key != "liked_from") {
        std::string message = from;
        message.append(" was made with ").append(key).append(" ").append(value.dump());
        message.append(", but ").append(settings_from_[key]).append(" has ").append(it->dump());
        refuse(message);
      }
      continue;
    }
    settings_[key] = value;
    settings_from_[key] = from;
  }
}

void Provenance::note_file(const std::string& role, const std::filesystem::path& path) {
  const auto state = file_state(path);
  if (!state) return;
  files_[role] = {{"path", std::filesystem::absolute(path).lexically_normal().string()},
                  {"bytes", state->bytes},
                  {"modified_ns", state->modified_ns}};
}

void Provenance::input(const std::string& role, const std::filesystem::path& path, std::string sha256) {
  if (sha256.empty()) sha256 = sha256_file(path);
  note_file(role, path);
  inputs_[role] = sha256;
  merge_lineage(role, sha256, path.string());
  if (const Json meta = read_meta(path); meta.is_object()) take_meta(path, sha256, meta);
}

void Provenance::input(const std::string& role, const std::filesystem::path& path, const Json& meta) {
  const auto sha256 = meta.value("sha256", "");
  note_file(role, path);
  inputs_[role] = sha256;
  merge_lineage(role, sha256, path.string());
  take_meta(path, sha256, meta);
}

void Provenance::take_meta(const std::filesystem::path& path, const std::string& sha256, const Json& meta) {
  if (const auto made_by = meta.value("version", ""); is_newer_major(made_by)) {
    refuse(path.string() + " was made by persona4rec " + made_by + ", which this version (" + std::string(version()) +
           ") cannot read: use that one, or make it again");
  }
  if (meta.value("sha256", sha256) != sha256) {
    refuse(path.string() + " was changed after it was made (its bytes are not those that " + meta_path(path).string() +
           " speaks of): run `persona4rec " + command_of(meta, "...") + "` again");
  }
  const Json lineage = meta.value("lineage", Json::object());
  for (const auto& [name, value] : lineage.items()) {
    merge_lineage(name, value.get<std::string>(), path.string());
  }
  merge_settings(meta.value("settings", Json::object()), path.string());
}

void Provenance::input_value(const std::string& role, const std::string& value, const std::filesystem::path& from) {
  inputs_[role] = value;
  if (!from.empty()) note_file(role, from);
  merge_lineage(role, value, "this run's " + role);
}

void Provenance::settings(const Json& own) {
  merge_settings(own, "this run");
}

void Provenance::write(const std::filesystem::path& artifact, const std::string& role, const std::string& sha256,
                       std::uint64_t rows) const {
  const Json meta = {{"artifact", role},
                     {"command", command_},
                     {"version", version()},
                     {"sha256", sha256},
                     {"rows", rows},
                     {"inputs", inputs_},
                     {"lineage", lineage_},
                     {"settings", settings_},
                     {"options", options_},
                     {"prompts", prompts_},
                     {"model", model_.empty() ? Json(nullptr) : Json(model_)},
                     {"counts", counts_}};
  const double seconds = unix_seconds() - started_s_;
  Json run = {{"artifact", role},  {"command", command_},       {"started", utc_text(started_s_)},
              {"wall_s", seconds}, {"machine", machine_text()}, {"inputs", files_}};
  if (!invocation().arguments.empty()) run["invocation"] = to_json(invocation());
  run.update(run_);
  if (is_stream(artifact)) return;
  write_file(meta_path(artifact), meta.dump(2) + "\n");
  write_file(run_path(artifact), run.dump(2) + "\n");
}

}  // namespace persona4rec
