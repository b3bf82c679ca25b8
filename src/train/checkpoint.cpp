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
  return checkpoint;
}

}  // namespace

void write_checkpoint(const std::filesystem::path& folder, const std::string& fingerprint,
                      const Checkpoint& checkpoint) {
  const auto& head = checkpoint.head;
  OutputFolder out(folder);
  const Json state = {{"fingerprint", fingerprint},
                      {"epochs", head.epochs},
                      {"best_epoch", head.best_epoch},
                      {"steps", head.steps},
                      {"last_loss", head.last_loss},
                      {"best_candidates", quality_json(head.best.candidates)},
                      {"best_all_items", quality_json(head.best.all_items)},
                      {"step_in_epoch", checkpoint.step_in_epoch},
                      {"loss_sum", checkpoint.loss_sum},
                      {"log", head.log}};
  write_file(out.path() / "state.json", state.dump(2) + "\n");
  write_file(out.path() / "model.pt", checkpoint.model);
  write_file(out.path() / "best.f32", bytes_of(head.user_map) + bytes_of(head.persona_map));
  out.commit();
}

std::optional<Checkpoint> read_checkpoint(const std::filesystem::path& folder, const std::string& fingerprint,
                                          std::size_t dimensions) {
  if (!std::filesystem::exists(folder / "state.json")) return std::nullopt;
  const Place place{.file = (folder / "state.json").string()};
  const Json state = parse_json_or_discarded(read_bytes(folder / "state.json"));
  if (!state.is_object())
    throw input_error(place, "expected a JSON object; --fresh starts again without the checkpoint");
  if (string_at(state, "fingerprint") != fingerprint) {
    throw input_error(place, "the checkpoint is of other inputs or options; --fresh starts again without it");
  }
  try {
    Checkpoint checkpoint = from_json(state);
    checkpoint.model = read_bytes(folder / "model.pt");
    const std::string maps = read_bytes(folder / "best.f32");
    if (const auto expected = 2 * dimensions * dimensions * sizeof(float); maps.size() != expected) {
      throw input_error({.file = (folder / "best.f32").string()}, "expected " + std::to_string(expected) +
                                                                      " bytes, got " + std::to_string(maps.size()) +
                                                                      "; --fresh starts again without the checkpoint");
    }
    checkpoint.head.user_map = floats_of(std::string_view(maps).substr(0, maps.size() / 2));
    checkpoint.head.persona_map = floats_of(std::string_view(maps).substr(maps.size() / 2));
    return checkpoint;
  } catch (const Json::exception& error) {
    throw input_error(place, std::string("broken checkpoint (") + error.what() + "); --fresh starts again without it");
  }
}

void remove_checkpoint(const std::filesystem::path& folder) {
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
}

}  // namespace persona4rec
