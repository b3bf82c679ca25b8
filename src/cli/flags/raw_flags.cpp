#include "cli/flags/raw_flags.hpp"

#include <CLI/CLI.hpp>

#include "cli/flags/number.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr const char* kGroup = "Inputs and outputs";

std::filesystem::path need(const std::filesystem::path& path, const char* flag) {
  if (path.empty()) throw usage_error(std::string(flag) + " FILE is missing: give the flag, or the key in the config");
  return path;
}

}  // namespace

void RawReviewFlags::add(CLI::App& app) {
  app.add_option("--raw-reviews", reviews_, "Raw reviews, JSON Lines, plain or .gz")->type_name("FILE")->group(kGroup);
  add_number(app, "--users", selection_.users, {}, "Take the first N users of the file alone; 0 = all")->group(kGroup);
  add_number(app, "--sample", selection_.sample, {}, "Take the first N reviews (of those users) alone; 0 = all")
      ->group(kGroup);
}

std::filesystem::path RawReviewFlags::reviews() const {
  return need(reviews_, "--raw-reviews");
}

void RawMetaFlag::add(CLI::App& app) {
  app.add_option("--raw-meta", metadata_, "Raw item metadata, JSON Lines, plain or .gz")
      ->type_name("FILE")
      ->group(kGroup);
}

std::filesystem::path RawMetaFlag::metadata() const {
  return need(metadata_, "--raw-meta");
}

}  // namespace persona4rec
