#include "cli/flags/first_stage_flags.hpp"

#include <CLI/CLI.hpp>

#include "cli/flags/choice.hpp"
#include "cli/flags/number.hpp"

namespace persona4rec {

void FirstStageFlags::add(CLI::App& app, const char* method_flag) {
  const char* group = "Recommender";
  add_choice<FirstStageMethod>(app, method_flag, options_.method,
                               {{"popularity", FirstStageMethod::kPopularity},
                                {"itemknn", FirstStageMethod::kItemKnn},
                                {"ease", FirstStageMethod::kEase},
                                {"text-ease", FirstStageMethod::kTextEase}},
                               "Which recommender")
      ->group(group);
  add_number(app, "--lambda", options_.lambda, Range<double>{.min = 1e-6},
             "ease, text-ease: L2 weight, in users [default: 50, text-ease 200]")
      ->group(group);
  add_number(app, "--text-alpha", options_.alpha, {.min = 0},
             "text-ease: weight of the items' texts beside the interactions")
      ->group(group);
  add_number(app, "--neighbours", options_.neighbours, {.min = 1}, "itemknn: neighbours kept of an item")->group(group);
  add_number(app, "--shrink", options_.shrink, {.min = 0}, "itemknn: added to the cosine's denominator; 0 = off")
      ->group(group);
  add_number(app, "--max-memory-gib", options_.max_memory_gib, {.min = 1e-3},
             "ease, text-ease: refuse to hold larger matrices than this (12 bytes a pair of items)")
      ->group(group);
}

}  // namespace persona4rec
