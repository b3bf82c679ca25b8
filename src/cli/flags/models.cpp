#include "cli/flags/models.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "cli/flags/values.hpp"
#include "cli/resources.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {

namespace {

constexpr const char* kDefaultModel = "models/all-MiniLM-L6-v2";

}  // namespace

void EncoderFlags::add(CLI::App& app) {
  const char* group = "Encoder";
  app.add_option("--encoder", options_.folder,
                 "Hugging Face model folder [default: <workspace>/encoder if `train` made one, else "
                 "$PERSONA4REC_ENCODER, else models/all-MiniLM-L6-v2 beside the program or in "
                 "$XDG_DATA_HOME/persona4rec]")
      ->type_name("DIR")
      ->group(group);
  add_number(app, "--max-length", options_.max_length, {}, "Tokens at which a text is cut; 0 = what the folder says")
      ->group(group);
  add_choice<EncoderDtype>(app, "--dtype", options_.dtype,
                           {{"auto", EncoderDtype::kAuto},
                            {"f32", EncoderDtype::kF32},
                            {"bf16", EncoderDtype::kBf16},
                            {"int8", EncoderDtype::kInt8}},
                           "Number type of the model; auto = bf16 where it is measured to be 10 % faster, once a "
                           "workspace, else f32; int8 = "
                           "fastest on a processor, cosine about .999 with f32's vectors")
      ->group(group);
  device_.add(app);
  add_number(app, "--threads", options_.threads, {}, "Threads; 0 = every processor this process may use")->group("Run");
}

EncoderOptions EncoderFlags::options(const Workspace& workspace) const {
  EncoderOptions options = options_;
  options.device = device_.value;
  const bool trained = options.folder.empty() && std::filesystem::is_directory(workspace.encoder());
  options.folder = trained ? workspace.encoder() : base_folder();
  return options;
}

std::filesystem::path EncoderFlags::base_folder() const {
  if (!options_.folder.empty()) return options_.folder;
  if (const char* given = std::getenv("PERSONA4REC_ENCODER"); given != nullptr && *given != '\0') return given;
  if (const auto model = find_resource(kDefaultModel); !model.empty()) return model;
  throw usage_error("no encoder: give --encoder DIR, or put " + std::string(kDefaultModel) + " into " +
                    resource_places() + " (scripts/setup.sh and the package persona4rec-torch bring it)");
}

void FirstStageFlags::add(CLI::App& app, const char* method_flag) {
  const char* group = "Recommender";
  add_choice<FirstStageMethod>(app, method_flag, options_.method,
                               {{"popularity", FirstStageMethod::kPopularity},
                                {"itemknn", FirstStageMethod::kItemKnn},
                                {"ease", FirstStageMethod::kEase},
                                {"text-ease", FirstStageMethod::kTextEase},
                                {"ials", FirstStageMethod::kIals},
                                {"bpr", FirstStageMethod::kBpr},
                                {"lightgcn", FirstStageMethod::kLightGcn}},
                               "Which recommender")
      ->group(group);
  add_number(app, "--lambda", options_.lambda, Range<double>{.min = 1e-6},
             "L2 weight [default: ease 50, text-ease 200, ials and bpr 0.03, lightgcn 0.01]")
      ->group(group);
  add_number(app, "--text-alpha", options_.alpha, Range<double>{.min = 0},
             "text-ease: weight of the items' texts beside the interactions; 0 = none [default: 75]")
      ->group(group);
  add_number(app, "--neighbours", options_.neighbours, {.min = 1}, "itemknn: neighbours kept of an item")->group(group);
  add_number(app, "--shrink", options_.shrink, {.min = 0}, "itemknn: added to the cosine's denominator; 0 = off")
      ->group(group);
  add_number(app, "--factors", options_.factors, {.min = 1, .max = 1024}, "ials, bpr, lightgcn: numbers in a vector")
      ->group(group);
  add_number(app, "--passes", options_.passes, Range<std::size_t>{.min = 1},
             "ials, bpr, lightgcn: passes over the interactions [default: ials 16, bpr 300, lightgcn 100]")
      ->group(group);
  add_number(app, "--unobserved", options_.unobserved, {.min = 1e-6},
             "ials: weight of all pairs of user and item together, in that of all interactions")
      ->group(group);
  add_number(app, "--step", options_.step, {.min = 1e-6}, "bpr, lightgcn: step of Adam")->group(group);
  add_number(app, "--max-memory-gib", options_.max_memory_gib, {.min = 1e-3},
             "ease, text-ease: refuse to hold larger matrices than this (12 bytes a pair of items)")
      ->group(group);
}

}  // namespace persona4rec
