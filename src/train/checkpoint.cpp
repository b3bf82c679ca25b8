#include "train/checkpoint.hpp"

#include <cstring>
#include <fstream>
#include <iterator>

#include "io/json_file.hpp"
#include "io/output_file.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

Json quality_json(const std::optional<ValidQuality>& quality) {
  return quality ? Json{quality->hit10, quality->ndcg10, quality->users} : Json(nullptr);
}

std::optional<ValidQuality> quality_of(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return ValidQuality{.hit10 = json.at(0), .ndcg10 = json.at(1), .users = json.at(2)};
}

std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw input_error({.file = path.string()}, "cannot be read; --fresh starts again without the checkpoint");
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string bytes_of(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

std::vector<float> floats_of(std::string_view bytes) {
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

Checkpoint from_json(const Json& state) {
  Checkpoint checkpoint;
  auto& head = checkpoint.head;
  head.epochs = state.at("epochs");
  head.best_epoch = state.at("best_epoch");
  head.steps = state.at("steps");
  head.last_loss = state.at("last_loss");
  head.best = {.candidates = quality_of(state.at("best_candidates")),
               .all_items = quality_of(state.at("best_all_items"))};
  head.log = state.at("log").get<std::vector<Json>>();
  checkpoint.step_in_epoch = state.at("step_in_epoch");
  checkpoint.loss_sum = state.at("loss_sum");
  checkpoint.since_best = state.value("since_best", std::uint64_t{0});
  checkpoint.last_rate = state.value("last_rate", 0.0);
  checkpoint.last_gradient = state.value("last_gradient", 0.0);
  return checkpoint;
}

Json to_json(const Checkpoint& checkpoint, const std::string& fingerprint) {
  const auto& head = checkpoint.head;
  return {{"fingerprint", fingerprint},
          {"epochs", head.epochs},
          {"best_epoch", head.best_epoch},
          {"steps", head.steps},
          {"last_loss", head.last_loss},
          {"best_candidates", quality_json(head.best.candidates)},
          {"best_all_items", quality_json(head.best.all_items)},
          {"step_in_epoch", checkpoint.step_in_epoch},
          {"loss_sum", checkpoint.loss_sum},
          {"since_best", checkpoint.since_best},
          {"last_rate", checkpoint.last_rate},
          {"last_gradient", checkpoint.last_gradient},
          {"log", head.log}};
}

Error unusable(const Place& place, const std::string& why) {
  return input_error(place, why + "; --fresh starts again without the checkpoint");
}

// The state file's object, if there is one. Throws where it is of another run.
std::optional<Json> read_state(const std::filesystem::path& file, const std::filesystem::path& of_other_mode,
                               const std::string& fingerprint) {
  if (std::filesystem::exists(of_other_mode)) {
    throw unusable({.file = of_other_mode.string()}, "the checkpoint is of another --mode");
  }
  if (!std::filesystem::exists(file)) return std::nullopt;
  Json state = parse_json_or_discarded(read_bytes(file));
  if (!state.is_object()) throw unusable({.file = file.string()}, "expected a JSON object");
  if (string_at(state, "fingerprint") != fingerprint) {
    throw unusable({.file = file.string()}, "the checkpoint is of other inputs or options");
  }
  return state;
}

// The floats of a file that must hold as many as `out` does.
void read_floats(const std::filesystem::path& path, std::vector<float>& out) {
  const std::string bytes = read_bytes(path);
  if (const auto expected = out.size() * sizeof(float); bytes.size() != expected) {
    throw unusable({.file = path.string()},
                   "expected " + std::to_string(expected) + " bytes, got " + std::to_string(bytes.size()));
  }
  out = floats_of(bytes);
}

template <class Read>
auto or_broken(const std::filesystem::path& file, const Read& read) {
  try {
    return read();
  } catch (const Json::exception& error) {
    throw unusable({.file = file.string()}, std::string("broken checkpoint (") + error.what() + ")");
  }
}

}  // namespace

void write_checkpoint(const std::filesystem::path& folder, const std::string& fingerprint,
                      const Checkpoint& checkpoint) {
  OutputFolder out(folder);
  write_file(out.path() / "state.json", to_json(checkpoint, fingerprint).dump(2) + "\n");
  write_file(out.path() / "model.pt", checkpoint.model);
  write_file(out.path() / "best.f32", bytes_of(checkpoint.head.user_map) + bytes_of(checkpoint.head.persona_map));
  out.commit();
}

std::optional<Checkpoint> read_checkpoint(const std::filesystem::path& folder, const std::string& fingerprint,
                                          std::size_t dimensions) {
  const auto file = folder / "state.json";
  const auto state = read_state(file, folder / "last", fingerprint);
  if (!state) return std::nullopt;
  return or_broken(file, [&] {
    Checkpoint checkpoint = from_json(*state);
    checkpoint.model = read_bytes(folder / "model.pt");
    std::vector<float> maps(2 * dimensions * dimensions);
    read_floats(folder / "best.f32", maps);
    const auto middle = maps.begin() + static_cast<std::ptrdiff_t>(dimensions * dimensions);
    checkpoint.head.user_map.assign(maps.begin(), middle);
    checkpoint.head.persona_map.assign(middle, maps.end());
    return std::optional(std::move(checkpoint));
  });
}

void write_encoder_checkpoint(const std::filesystem::path& folder, const std::string& fingerprint,
                              const Checkpoint& checkpoint, const VectorBank& bank,
                              const std::function<void(const std::filesystem::path&)>& save) {
  OutputFolder out(folder / "last");
  write_file(out.path() / "state.json", to_json(checkpoint, fingerprint).dump(2) + "\n");
  write_file(out.path() / "bank.f32", bytes_of(bank.rows));
  write_file(out.path() / "persona_bank.f32", bytes_of(bank.personas));
  save(out.path() / "model.safetensors");
  out.commit();
}

std::optional<Checkpoint> read_encoder_checkpoint(const std::filesystem::path& folder, const std::string& fingerprint,
                                                  VectorBank& bank) {
  const auto file = folder / "last" / "state.json";
  const auto state = read_state(file, folder / "state.json", fingerprint);
  if (!state) return std::nullopt;
  return or_broken(file, [&] {
    read_floats(folder / "last" / "bank.f32", bank.rows);
    read_floats(folder / "last" / "persona_bank.f32", bank.personas);
    return std::optional(from_json(*state));
  });
}

std::filesystem::path encoder_state_file(const std::filesystem::path& folder) {
  return folder / "last" / "model.safetensors";
}

void write_best_weights(const std::filesystem::path& folder,
                        const std::function<void(const std::filesystem::path&)>& save) {
  OutputFolder out(folder / "best");
  save(out.path() / "weights.safetensors");
  out.commit();
}

std::filesystem::path best_weights_file(const std::filesystem::path& folder) {
  return folder / "best" / "weights.safetensors";
}

void remove_checkpoint(const std::filesystem::path& folder) {
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
}

}  // namespace persona4rec
