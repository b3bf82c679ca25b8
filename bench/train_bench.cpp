// Head training on synthetic users, vectors given: how long and how much memory.
//
//   train_bench [users 100000] [interactions each 10] [items 20000] [dimensions 384] [batch 1024] [epochs 10] [fit 0]
//               [folder]
//
// fit 1: the weights of the first stages are chosen too, which trains a head a fold.
//
// Writes the input artifacts into a temporary folder, trains with an encoder whose vectors cost nothing (drawn from the
// text's hash, near the vector of the text's taste), and prints seconds by phase and the peak resident memory.
#include <sys/resource.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/rng.hpp"
#include "io/artifacts.hpp"
#include "io/output_file.hpp"
#include "persona4rec/train.hpp"
#include "records/profile_text.hpp"
#include "records/row_json.hpp"

namespace {

using namespace persona4rec;  // NOLINT: a program of one file

constexpr std::uint64_t kTastes = 64;

struct Shape {
  std::size_t users = 100000, interactions = 10, items = 20000, dimensions = 384, batch = 1024, epochs = 10, fit = 0;
};

class SyntheticEncoder final : public TextEncoder {
 public:
  explicit SyntheticEncoder(std::size_t dimensions) : dimensions_(dimensions) {}
  [[nodiscard]] std::size_t dimensions() const override { return dimensions_; }
  [[nodiscard]] std::string fingerprint() const override { return "synthetic"; }
  [[nodiscard]] Embeddings encode(std::span<const std::string> texts, const ProgressFn& /*progress*/) override {
    Embeddings out{.rows = texts.size(), .dimensions = dimensions_};
    out.values.resize(texts.size() * dimensions_);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const std::size_t hash = std::hash<std::string>{}(texts[i]);
      Rng own(hash);
      Rng taste(std::strtoull(texts[i].c_str(), nullptr, 10) % kTastes);
      for (std::size_t d = 0; d < dimensions_; ++d) {
        out.values[i * dimensions_ + d] = static_cast<float>((taste.uniform() - .5) + 2 * (own.uniform() - .5)) /
                                          std::sqrt(static_cast<float>(dimensions_));
      }
    }
    out.counts.texts = out.counts.encoded = texts.size();
    return out;
  }

 private:
  std::size_t dimensions_;
};

ReviewId review_id(std::size_t user, std::size_t n) {
  return ReviewId(std::to_string(user * 1000 + n), true);
}

// Users and items of one taste meet more often: item = taste + kTastes * something.
std::size_t item_of(Rng& rng, std::size_t taste, const Shape& shape) {
  if (rng.uniform() < 0.2) return rng.below(shape.items);
  return (taste + kTastes * rng.below(shape.items / kTastes)) % shape.items;
}

void write_inputs(const Shape& shape, const Workspace& files) {
  OutputFile history(files.history());
  OutputFile selected(files.selected());
  Interactions data;
  std::vector<std::vector<ReviewId>> support(shape.items);
  for (std::size_t u = 0; u < shape.users; ++u) {
    Rng rng(u);
    HistoryRow row{.user_id = UserId("u" + std::to_string(u)), .reviews = {}};
    for (std::size_t n = 0; n < shape.interactions; ++n) {
      const std::size_t item = item_of(rng, u % kTastes, shape);
      const Timestamp time{.ms = static_cast<std::int64_t>(n + 1), .text = std::to_string(n + 1)};
      row.reviews.push_back({.user_id = row.user_id,
                             .item_id = ItemId("i" + std::to_string(item)),
                             .review_title = {},
                             .summary = {},
                             .extracted = Json::object(),
                             .timestamp = time,
                             .rating = {.value = 5},
                             .review_id = review_id(u, n),
                             .review_text = std::to_string(item) + " by " + row.user_id.text()});
      data.add(row.user_id, row.reviews.back().item_id, review_id(u, n), {.value = 5}, time);
      support[item].push_back(review_id(u, n));
    }
    history.write_row(to_json(row));
  }
  history.commit();
  OutputFile targets(files.targets());
  const auto split = decide_split(data, {});
  for (const auto& target : split.targets()) {
    const auto& interaction = data[target.interaction];
    const TargetRow row{data.users()[interaction.user], data.items()[interaction.item], data.review(target.interaction),
                        data.time(target.interaction), target.split};
    targets.write_row(to_json(row));
    if (target.split != TargetSplit::kTrain) continue;
    const PersonaEntry entry{{"P1", "n", "d", "r", {}}, "", PersonaId(row.item_id.text() + "_P1")};
    selected.write_row(
        to_json(SelectedPersonaRow{row.user_id, row.item_id, "P1", "n", entry, "", TargetSplit::kTrain}));
  }
  targets.commit();
  selected.commit();
  OutputFile personas(files.persona_with_summary());
  for (std::size_t i = 0; i < shape.items; ++i) {
    const std::string id = "i" + std::to_string(i);
    PersonaWithSummaryRow row{.item_id = ItemId(id), .personas = {}};
    const std::size_t half = (support[i].size() + 1) / 2;
    for (std::size_t k = 0; k < 2 && k * half < support[i].size(); ++k) {
      const auto first = support[i].begin() + static_cast<std::ptrdiff_t>(k * half);
      const auto last = k == 0 ? first + static_cast<std::ptrdiff_t>(half) : support[i].end();
      const std::string p = "P" + std::to_string(k + 1);
      row.personas.push_back({{p, "n", "d", "r", {first, last}}, "", PersonaId(id + "_" + p)});
    }
    personas.write_row(to_json(row));
  }
  personas.commit();
}

struct Moment {
  double clock = 0, processor = 0;  // seconds
};

Moment now() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return {.clock = steady_seconds(), .processor = seconds(usage.ru_utime) + seconds(usage.ru_stime)};
}

void tell(const char* what, const Moment& begin, const Moment& end) {
  std::printf("%-15s %8.1f s  (%.1f of processors)\n", what, end.clock - begin.clock, end.processor - begin.processor);
}

void write_base(const std::filesystem::path& folder, std::size_t dimensions) {
  write_file(folder / "config.json", Json{{"model_type", "bert"},
                                          {"hidden_size", dimensions},
                                          {"num_hidden_layers", 1},
                                          {"num_attention_heads", 2},
                                          {"intermediate_size", 8},
                                          {"vocab_size", 8},
                                          {"max_position_embeddings", 32},
                                          {"type_vocab_size", 2},
                                          {"layer_norm_eps", 1e-12},
                                          {"hidden_act", "gelu"},
                                          {"pad_token_id", 0}}
                                         .dump());
  write_file(folder / "model.safetensors", "none");
  write_file(folder / "vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n");
}

}  // namespace

int main(int argc, char** argv) {
  Shape shape;
  std::size_t* const fields[] = {&shape.users, &shape.interactions, &shape.items, &shape.dimensions,
                                 &shape.batch, &shape.epochs,       &shape.fit};
  for (int i = 1; i < argc && i <= 7; ++i) *fields[i - 1] = std::strtoull(argv[i], nullptr, 10);
  const std::filesystem::path root =
      argc > 8 ? argv[8] : std::filesystem::temp_directory_path() / "persona4rec_train_bench";
  const Workspace files{root};
  const double start = steady_seconds();
  write_inputs(shape, files);
  write_base(root / "base", shape.dimensions);
  std::printf("%zu users x %zu interactions, %zu items, %zu dimensions, batch %zu\n", shape.users, shape.interactions,
              shape.items, shape.dimensions, shape.batch);
  std::printf("inputs written  %8.1f s\n", steady_seconds() - start);
  TrainOptions options{.selected = files.selected(),
                       .history = files.history(),
                       .targets = files.targets(),
                       .persona_with_summary = files.persona_with_summary(),
                       .valid_candidates = {},
                       .base_encoder = root / "base",
                       .output = files.encoder()};
  options.head.batch_size = shape.batch;
  options.head.epochs = shape.epochs;
  options.head.patience = 0;
  options.fit_weights = shape.fit != 0;
  options.fresh = true;
  Moment first_step;
  options.progress = [&](const ProgressUpdate& update) {
    if (update.what == "steps" && first_step.clock == 0) first_step = now();
  };
  SyntheticEncoder encoder(shape.dimensions);
  const ProfileText texts({.prompts = std::filesystem::path(P4R_SOURCE_DIR) / "prompts" / "generic"});
  const Moment begin = now();
  const auto report = train(options, texts, encoder);
  const Moment end = now();
  tell("read, prepared", begin, first_step);
  tell("steps", first_step, end);
  std::printf("                %llu steps, %llu samples, last loss %.9g\n",
              static_cast<unsigned long long>(report.steps), static_cast<unsigned long long>(report.samples),
              report.last_loss);
  tell("train in all", begin, end);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("peak memory     %8.2f GiB\n", static_cast<double>(usage.ru_maxrss) / 1024 / 1024);
  std::filesystem::remove_all(root);
  return 0;
}
