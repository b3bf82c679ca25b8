// Training the encoder itself on pairs of texts: steps of in-batch InfoNCE (scale 20) with AdamW, timed.
//
//   training_bench encoder=DIR pairs=FILE.jsonl [length=128] [batch=64] [steps=5] [threads=2] [dropout=config's]
//                  [lora=0] [checkpoint=0] [bf16=0] [chunk=0] [device=cpu] [seed=0] [save=DIR]
//
// A line of `pairs` is {"anchor", "positive"}; batch after batch in the file's order, from its beginning again where it
// ends. `chunk`: tokens encoded at once (0 = the whole batch). The first step is not timed. `save`: a model folder,
// with adapter/ where lora > 0 (the rank; all linear layers). Prints one JSON object. bench/training_bench.py compares.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <sys/resource.h>
#include <torch/csrc/autograd/autograd.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "encoder/model_folder/model_folder_writer.hpp"
#include "encoder/tokenizer/tokenizer.hpp"
#include "encoder/trainable/peft_adapter.hpp"
#include "encoder/trainable/trainable_transformer.hpp"

namespace {

using namespace persona4rec;  // NOLINT: a program of one file

class Settings {
 public:
  Settings(int count, char** words) {
    for (int i = 1; i < count; ++i) {
      const std::string word = words[i];
      values_[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
    }
  }
  [[nodiscard]] std::string text(const std::string& name, const std::string& otherwise = "") const {
    const auto found = values_.find(name);
    return found == values_.end() ? otherwise : found->second;
  }
  [[nodiscard]] std::size_t count(const std::string& name, std::size_t otherwise) const {
    return values_.contains(name) ? std::stoull(values_.at(name)) : otherwise;
  }
  [[nodiscard]] bool has(const std::string& name) const { return values_.contains(name); }

 private:
  std::map<std::string, std::string> values_;
};

struct Pair {
  std::string anchor, positive;
};

std::vector<Pair> read_pairs(const std::string& path) {
  std::vector<Pair> pairs;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    const auto row = nlohmann::json::parse(line);
    pairs.push_back({row.at("anchor"), row.at("positive")});
  }
  return pairs;
}

TrainableOptions trainable_options(const Settings& settings) {
  TrainableOptions options{.checkpoint_layers = settings.count("checkpoint", 0) != 0,
                           .bf16 = settings.count("bf16", 0) != 0,
                           .device = at::Device(settings.text("device", "cpu")),
                           .seed = settings.count("seed", 0)};
  if (settings.has("dropout")) options.dropout = std::stod(settings.text("dropout"));
  if (const std::size_t rank = settings.count("lora", 0); rank > 0) {
    options.lora = LoraOptions{.rank = rank, .alpha = 2.0 * static_cast<double>(rank), .targets = {"all-linear"}};
  }
  return options;
}

// LibTorch's fused AdamW over all parameters.
class FusedAdamW {
 public:
  explicit FusedAdamW(const TrainableTransformer& encoder) {
    for (const auto& parameter : encoder.parameters()) {
      Group& group = groups_[parameter.decays ? 0 : 1];
      group.values.push_back(parameter.value);
      group.first.push_back(at::zeros_like(parameter.value));
      group.second.push_back(at::zeros_like(parameter.value));
      group.steps.push_back(at::zeros({}, parameter.value.options()));
    }
  }

  // Clips the gradients to a norm of 1, as the trainer of transformers does.
  void step(double rate) {
    const at::AutoGradMode without(false);
    std::vector<at::Tensor> norms;
    for (auto& group : groups_) {
      group.gradients.clear();
      for (const auto& value : group.values) {
        group.gradients.push_back(value.grad());
        norms.push_back(value.grad().norm());
      }
    }
    const at::Tensor scale = (1 / (at::stack(norms).norm() + 1e-6)).clamp_max(1);
    for (std::size_t i = 0; i < 2; ++i) {
      Group& group = groups_[i];
      if (group.values.empty()) continue;
      for (auto& gradient : group.gradients) gradient.mul_(scale);
      at::_foreach_add_(group.steps, 1);
      at::_fused_adamw_(group.values, group.gradients, group.first, group.second, {}, group.steps, rate, 0.9, 0.999,
                        i == 0 ? 0.01 : 0.0, 1e-8, false, false);
      for (auto& value : group.values) value.mutable_grad().reset();
    }
  }

 private:
  struct Group {
    std::vector<at::Tensor> values, gradients, first, second, steps;
  };
  Group groups_[2];
};

// Vectors of the texts, in their order.
at::Tensor encode_all(const TrainableTransformer& encoder, const std::vector<TokenizedText>& texts, std::size_t chunk,
                      std::uint64_t seed) {
  std::vector<at::Tensor> vectors;
  std::vector<std::int64_t> places(texts.size());
  std::int64_t next = 0;
  if (chunk == 0) {
    for (const auto& text : texts) chunk += text.ids.size();
  }
  for (const auto& batch : pack_batches(texts, chunk)) {
    vectors.push_back(encoder.encode(batch, {.training = true, .seed = seed}));
    for (const std::size_t row : batch.rows) places[row] = next++;
  }
  const at::Tensor index = at::tensor(places, at::kLong).to(vectors.front().device());
  return at::cat(vectors).index_select(0, index);
}

at::Tensor info_nce(const at::Tensor& vectors) {
  const auto halves = vectors.chunk(2);
  const at::Tensor targets = at::arange(halves[0].size(0), vectors.options().dtype(at::kLong));
  return at::cross_entropy_loss(halves[0].mm(halves[1].t()) * 20, targets);
}

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double peak_gib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / (1 << 20);
}

void save(const TrainableTransformer& encoder, const std::string& base, const std::filesystem::path& folder) {
  const auto merged = encoder.merged_tensors();
  const TensorViews views = tensor_views(merged);
  write_model_folder(folder, {.base = base, .weights = &views});
  if (encoder.options().lora) write_peft_adapter(folder / "adapter", encoder, base);
}

nlohmann::json run(const Settings& settings) {
  at::set_num_threads(static_cast<int>(settings.count("threads", 2)));
  const ModelConfig model = read_model_config(settings.text("encoder"));
  const TrainableTransformer encoder(model, ModelWeights(model), trainable_options(settings));
  const auto tokenizer = open_tokenizer(model.transformer, model.lower_case);
  const auto pairs = read_pairs(settings.text("pairs"));
  const std::size_t batch = settings.count("batch", 64);
  const std::size_t steps = settings.count("steps", 5);
  FusedAdamW optimizer(encoder);
  nlohmann::json losses = nlohmann::json::array();
  double wall = 0;
  double processor = 0;
  std::size_t tokens = 0;
  for (std::size_t step = 0; step <= steps; ++step) {
    if (step == 1) {
      wall = steady_seconds();
      processor = processor_seconds();
      tokens = 0;
    }
    std::vector<TokenizedText> texts(2 * batch);
    for (std::size_t i = 0; i < batch; ++i) {
      const Pair& pair = pairs[(step * batch + i) % pairs.size()];
      texts[i] = tokenizer->tokenize(pair.anchor, settings.count("length", 128));
      texts[batch + i] = tokenizer->tokenize(pair.positive, settings.count("length", 128));
    }
    for (const auto& text : texts) tokens += text.ids.size();
    const at::Tensor loss = info_nce(encode_all(encoder, texts, settings.count("chunk", 0), step));
    loss.backward();
    optimizer.step(2e-5);
    losses.push_back(loss.item<double>());
  }
  wall = steady_seconds() - wall;
  processor = processor_seconds() - processor;
  if (settings.has("save")) save(encoder, settings.text("encoder"), settings.text("save"));
  const auto samples = static_cast<double>(steps * batch);
  return {{"samples_per_second", samples / wall},
          {"samples_per_cpu_second", samples / processor},
          {"tokens_per_second", static_cast<double>(tokens) / wall},
          {"peak_gib", peak_gib()},
          {"losses", losses}};
}

}  // namespace

int main(int count, char** words) {
  std::printf("%s\n", run(Settings(count, words)).dump().c_str());
  return 0;
}
