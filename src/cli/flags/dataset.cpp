#include "cli/flags/dataset.hpp"

#include <CLI/CLI.hpp>

#include "cli/flags/values.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {

namespace {

// `part` of the config, or an error that says how to get it.
template <class Part>
Part need(const std::optional<Part>& part, const CommandContext& context, const std::string& section) {
  if (part) return *part;
  if (context.config.path.empty()) {
    throw usage_error("this needs " + section + " of a config: give --config configs/<dataset>.toml");
  }
  throw Error(ErrorKind::kUsage, Place{.file = context.config.path.string()}, section + " is missing");
}

}  // namespace

void DatasetFlags::add(CLI::App& app) {
  app.add_option("--prompts", prompts_, "Folder of prompts, answer schemas and encoder texts [default: the config's]")
      ->type_name("DIR")
      ->group("Inputs and outputs");
}

Dataset DatasetFlags::dataset(const CommandContext& context, bool has_metadata) const {
  return {.review = review(context),
          .item = has_metadata ? need(context.config.item, context, "[schema.item]") : ItemSchema{},
          .prompts = prompts(context)};
}

ReviewSchema DatasetFlags::review(const CommandContext& context) const {
  return need(context.config.review, context, "[schema.review]");
}

std::filesystem::path DatasetFlags::prompts(const CommandContext& context) const {
  return prompts_.empty() ? need(context.config.prompts, context, "--prompts DIR or [prompts]") : prompts_;
}

TimeFormat time_format(const CommandContext& context) {
  return context.config.review ? context.config.review->time : TimeFormat{};
}

namespace {

constexpr const char* kDatasetGroup = "Inputs and outputs";

std::filesystem::path need(const std::filesystem::path& path, const char* flag) {
  if (path.empty()) throw usage_error(std::string(flag) + " FILE is missing: give the flag, or the key in the config");
  return path;
}

}  // namespace

void RawReviewFlags::add(CLI::App& app) {
  app.add_option("--raw-reviews", reviews_, "Raw reviews: JSON Lines, a JSON array, CSV or TSV; plain or .gz")
      ->type_name("FILE")
      ->group(kDatasetGroup);
  add_number(app, "--users", selection_.users, {}, "Take the first N users of the file alone; 0 = all")
      ->group(kDatasetGroup);
  add_number(app, "--sample", selection_.sample, {}, "Take the first N reviews (of those users) alone; 0 = all")
      ->group(kDatasetGroup);
}

std::filesystem::path RawReviewFlags::reviews() const {
  return need(reviews_, "--raw-reviews");
}

void RawMetaFlag::add(CLI::App& app) {
  app.add_option("--raw-meta", metadata_,
                 "Raw item metadata, as the reviews; without it items have neither titles nor descriptions")
      ->type_name("FILE")
      ->group(kDatasetGroup);
}

}  // namespace persona4rec
