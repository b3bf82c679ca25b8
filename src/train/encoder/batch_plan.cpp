#include "train/encoder/batch_plan.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/rng.hpp"
#include "matching/vectors.hpp"

namespace persona4rec {
namespace {

class Planner {
 public:
  Planner(const Samples& samples, std::span<const std::uint32_t> batch, const FrozenWorld& bank,
          const TrainOptions& options, std::uint64_t step)
      : samples_(samples), batch_(batch), bank_(bank), options_(options), step_(step) {
    plan_.size = batch.size();
    plan_.dimensions = bank.dimensions();
  }

  BatchPlan make() {
    for (std::uint32_t at = 0; at < batch_.size(); ++at) add_user(at);
    std::vector<std::uint32_t> by_text;  // their texts come behind all others
    for (std::uint32_t at = 0; at < batch_.size(); ++at) {
      if (options_.persona_vectors == PersonaVectors::kText || !add_support(at)) by_text.push_back(at);
    }
    for (const auto at : by_text) add_persona_text(at);
    const auto is_persona = [&](auto id) { return id >= data().rows.rows(); };
    plan_.persona_texts = static_cast<std::size_t>(std::ranges::count_if(plan_.texts, is_persona));
    add_ids();
    add_hard_negatives();
    add_catalogue();
    return std::move(plan_);
  }

 private:
  [[nodiscard]] const Sample& sample(std::uint32_t at) const { return samples_[batch_[at]]; }
  [[nodiscard]] const TrainData& data() const { return bank_.data(); }

  std::uint32_t text(std::uint32_t id) {
    const auto [found, is_new] = index_.try_emplace(id, static_cast<std::uint32_t>(plan_.texts.size()));
    if (is_new) plan_.texts.push_back(id);
    return found->second;
  }

  void add_user(std::uint32_t at) {
    const auto side = options_.profile.side;
    const auto liked = samples_.liked(batch_[at]);
    std::vector<float> others(plan_.dimensions);
    float weight = 1;
    for (const auto row : liked.first(std::min(liked.size(), options_.profile.k_recent))) {
      const bool has_own = side != ProfileSide::kItems && data().texts.has_text_of_row[row] != 0;
      const bool has_items = side != ProfileSide::kOwn &&
                             bank_.items().mean(data().rows.item_of_row[row], std::array{sample(at).user}, others);
      if (has_own || has_items) {
        if (!has_items) std::fill(others.begin(), others.end(), 0.0F);
        plan_.users.text.push_back(has_own ? text(row) : kNoText);
        plan_.users.fixed.insert(plan_.users.fixed.end(), others.begin(), others.end());
        plan_.users.owner.push_back(at);
        plan_.users.weight.push_back(weight);
      }
      weight *= static_cast<float>(options_.profile.gamma);
    }
  }

  void add_entry(std::uint32_t at, std::uint32_t id) {
    plan_.personas.text.push_back(text(id));
    plan_.personas.owner.push_back(at);
    plan_.personas.weight.push_back(1);
  }

  void add_persona_text(std::uint32_t at) {
    const auto text = bank_.text_without(sample(at).persona, sample(at).user);
    if (text) add_entry(at, static_cast<std::uint32_t>(data().rows.rows()) + *text);
  }

  // Without the user: the sample's own persona holds no trace of it.
  [[nodiscard]] std::vector<std::uint32_t> support_of(std::uint32_t at) const {
    std::vector<std::uint32_t> rows;
    for (const auto row : data().personas.support.of(sample(at).persona)) {
      const bool usable = bank_.item_side_of_row()[row] != 0 && data().texts.has_text_of_row[row] != 0;
      if (usable && data().rows.user_of_row[row] != sample(at).user) rows.push_back(row);
    }
    return rows;
  }

  // False: nothing but its text speaks for the persona.
  bool add_support(std::uint32_t at) {
    auto rows = support_of(at);
    if (rows.empty()) return false;
    const auto limit = options_.encoder_training.support_texts;
    const std::size_t live = limit == 0 ? rows.size() : std::min(limit, rows.size());
    if (live < rows.size()) {
      Rng(options_.head.seed, "support " + std::to_string(step_) + " " + std::to_string(batch_[at])).shuffle(rows);
    }
    for (std::size_t i = 0; i < live; ++i) add_entry(at, rows[i]);
    if (!options_.encoder_training.rest_of_support || live == rows.size()) return true;
    const std::size_t d = plan_.dimensions;
    plan_.personas_fixed.resize(plan_.size * d);
    for (std::size_t i = live; i < rows.size(); ++i) {
      const auto x = bank_.items().x().row(rows[i]);
      for (std::size_t k = 0; k < d; ++k) plan_.personas_fixed[at * d + k] += x[k];
    }
    return true;
  }

  void add_ids() {
    for (std::uint32_t at = 0; at < batch_.size(); ++at) {
      plan_.user_id.push_back(sample(at).user);
      plan_.persona_id.push_back(sample(at).persona);
      plan_.item_id.push_back(sample(at).item);
      if (options_.head.loss.log_q) plan_.log_q.push_back(samples_.log_q(batch_[at]));
    }
  }

  void add_hard_negatives() {
    const std::size_t d = plan_.dimensions;
    const std::size_t h = options_.head.loss.hard_negatives;
    plan_.hard.resize(plan_.size * h * d);
    for (std::uint32_t at = 0; at < batch_.size() && h > 0; ++at) {
      const auto personas = data().personas.personas_of_item[sample(at).item];
      std::size_t filled = 0;
      for (std::uint32_t k = personas.first; k < personas.end() && filled < h; ++k) {
        if (k == sample(at).persona) continue;
        const auto out = std::span(plan_.hard).subspan((at * h + filled) * d, d);
        if (bank_.persona_without(options_.persona_vectors, k, sample(at).user, out)) ++filled;
      }
    }
  }

  void add_catalogue() {
    const std::size_t wanted = std::min(options_.encoder_training.catalogue_negatives, data().personas.size());
    if (wanted == 0) return;
    plan_.catalogue = data().personas.size();
    Rng rng(options_.head.seed, "catalogue " + std::to_string(step_));
    std::unordered_set<std::uint32_t> drawn;
    std::vector<std::uint32_t> items;
    std::vector<float> vector(plan_.dimensions);
    for (std::size_t tries = 0; items.size() < wanted && tries < 4 * wanted; ++tries) {
      const auto persona = static_cast<std::uint32_t>(rng.below(data().personas.size()));
      if (!drawn.insert(persona).second || !bank_.persona(options_.persona_vectors, persona, vector)) continue;
      items.push_back(data().personas.item_of_persona[persona]);
      plan_.others.insert(plan_.others.end(), vector.begin(), vector.end());
    }
    mask_catalogue(items);
  }

  void mask_catalogue(const std::vector<std::uint32_t>& items) {
    for (std::uint32_t at = 0; at < batch_.size(); ++at) {
      std::unordered_set<std::uint32_t> of_user = {sample(at).item};
      for (const auto row : bank_.liked().of(sample(at).user)) of_user.insert(data().rows.item_of_row[row]);
      for (const auto item : items) plan_.masked_others.push_back(of_user.contains(item) ? 1 : 0);
    }
  }

  const Samples& samples_;
  std::span<const std::uint32_t> batch_;
  const FrozenWorld& bank_;
  const TrainOptions& options_;
  std::uint64_t step_;
  BatchPlan plan_;
  std::unordered_map<std::uint32_t, std::uint32_t> index_;  // text -> place in plan_.texts
};

}  // namespace

BatchPlan plan_batch(const Samples& samples, std::span<const std::uint32_t> batch, const FrozenWorld& bank,
                     const TrainOptions& options, std::uint64_t step) {
  return Planner(samples, batch, bank, options, step).make();
}

}  // namespace persona4rec
