// How well a head ranks in world valid (docs/method.md, 6.6 Epochs): the persona order alone, in given candidate lists
// and against all items.
//
// Users: those with a valid target and a profile from their history of world valid (at most options.valid_users, a
// seeded choice). Personas: as `cache` makes them. Against all items the user's seen items are left out. Thread-safety:
// const use from any thread after construction.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "io/input_file.hpp"
#include "persona4rec/json.hpp"
#include "train/frozen_world.hpp"

namespace persona4rec {

struct ValidScores {
  std::optional<ValidQuality> candidates;
  std::optional<ValidQuality> all_items;
  // What early stopping looks at: NDCG@10 in the candidates, else against all items; nothing without users.
  [[nodiscard]] std::optional<double> criterion() const;
};

// As train_log.jsonl has it; null without users.
[[nodiscard]] Json log_entry(const std::optional<ValidQuality>& quality);

class Validation {
 public:
  // Reads options.valid_candidates (may be empty). Throws Error kInput.
  Validation(const FrozenWorld& world, const TrainOptions& options, const std::optional<InputFile>& lists);

  [[nodiscard]] std::size_t users() const { return users_.size(); }
  // Maps: [d, d] row-major; empty = the identity (the frozen order).
  [[nodiscard]] ValidScores score(std::span<const float> user_map, std::span<const float> persona_map) const;

 private:
  struct User {
    std::uint32_t user = 0;
    std::vector<std::uint32_t> truth;       // items
    std::vector<std::uint32_t> seen;        // items, ascending, each once
    std::vector<std::uint32_t> candidates;  // known items in list order
    bool has_list = false;
  };

  struct UserRanks {
    std::vector<std::uint32_t> in_list, everywhere;
  };

  void choose_users();
  void make_vectors();
  void read_candidates(const InputFile& lists);
  [[nodiscard]] std::vector<double> item_scores(std::span<const float> persona_scores) const;
  [[nodiscard]] UserRanks ranks(const User& user, std::span<const float> persona_scores) const;

  const FrozenWorld& world_;
  const TrainOptions& options_;
  std::vector<User> users_;
  std::vector<float> profiles_;           // [users, d]
  std::vector<float> personas_;           // [personas, d]; zeros = no vector
  std::vector<std::uint8_t> has_vector_;  // [personas]
};

}  // namespace persona4rec
