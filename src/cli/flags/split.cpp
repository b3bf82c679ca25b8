#include "cli/flags/split.hpp"

#include <CLI/CLI.hpp>

#include "cli/flags/values.hpp"
#include "persona4rec/error.hpp"
#include "records/time.hpp"

namespace persona4rec {

namespace {

constexpr const char* kSplitGroup = "Split (the same in every stage of a workspace)";

void add_time(CLI::App& app, const std::string& flag, std::optional<std::int64_t>& value,
              const std::string& description) {
  const auto set = [&value, flag](const std::string& text) {
    const auto time = parse_time_string(text, TimeFormat{.unit = TimeUnit::kMilliseconds});
    if (!time) {
      throw CLI::ValidationError(flag,
                                 "expected a date (2015-06-30, \"2015-06-30 12:00:00\", UTC) or milliseconds "
                                 "since 1970, got \"" +
                                     text + "\"");
    }
    value = time->ms;
  };
  app.add_option_function<std::string>(flag, set, description)->type_name("TIME")->group(kSplitGroup);
}

}  // namespace

void SplitFlags::add(CLI::App& app) {
  add_choice<SplitPolicy>(app, "--split", options_.policy,
                          {{"leave-one-out", SplitPolicy::kLeaveOneOut},
                           {"temporal", SplitPolicy::kTemporal},
                           {"cold-items", SplitPolicy::kColdItems},
                           {"reference", SplitPolicy::kReference},
                           {"none", SplitPolicy::kNone}},
                          "What is tested: each user's last positive, all from a time on, the last positive where its "
                          "item is one of those held out with all their reviews, the published (leaky) protocol, "
                          "nothing (service)")
      ->group(kSplitGroup);
  add_time(app, "--cutoff", cutoff_ms_, "temporal: test targets are at or after it");
  add_time(app, "--valid-cutoff", options_.valid_cutoff_ms,
           "temporal: valid targets start here [default: the 90 % quantile of times before --cutoff]");
  add_number(app, "--cold-share", cold_share_, {.min = 0, .max = 0.5},
             "cold-items: share of the items that is held out in each world [default: 0.3]")
      ->group(kSplitGroup);
  add_number(app, "--min-positives", options_.min_positives, {.min = 1},
             "leave-one-out: tested users have so many positives")
      ->group(kSplitGroup);
  add_number(app, "--min-history", options_.min_history, {},
             "leave-one-out: ... and so many interactions before the target")
      ->group(kSplitGroup);
  add_number(app, "--liked-from", options_.liked_from, {}, "Ratings of at least so much are liked")->group(kSplitGroup);
  add_number(app, "--targets-per-user", options_.targets_per_user, {}, "Newest train targets kept per user; 0 = all")
      ->group(kSplitGroup);
  add_number(app, "--seed", options_.seed, {}, "Seed of everything random, and of ties in time")->group("Run");
}

SplitOptions SplitFlags::options(const TimeFormat& time) const {
  const bool temporal = options_.policy == SplitPolicy::kTemporal;
  if (temporal && time.unit == TimeUnit::kNone)
    throw usage_error("--split temporal needs times, and [schema.review] of the config names no timestamp");
  if (temporal && !cutoff_ms_) throw usage_error("--split temporal needs --cutoff TIME");
  if (!temporal && (cutoff_ms_ || options_.valid_cutoff_ms)) {
    throw usage_error("--cutoff and --valid-cutoff belong to --split temporal");
  }
  if (cold_share_ && options_.policy != SplitPolicy::kColdItems) {
    throw usage_error("--cold-share belongs to --split cold-items");
  }
  SplitOptions options = options_;
  options.cold_share = cold_share_.value_or(options.cold_share);
  options.cutoff_ms = cutoff_ms_.value_or(0);
  return options;
}

void WorldFlag::add(CLI::App& app) {
  add_choice<World>(app, "--for", value, {{"valid", World::kValid}, {"test", World::kTest}},
                    "Whose targets are to be found: tune on valid, report on test")
      ->group("World");
}

}  // namespace persona4rec
