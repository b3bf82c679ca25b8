#include "train/samples.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/parallel.hpp"
#include "matching/user_profile.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kSamplesPerTask = 32;

// The newest liked rows before an interaction.
std::vector<std::uint32_t> liked_before(const FrozenWorld& world, std::uint32_t interaction) {
  const auto& rows = world.data().rows;
  const auto before = rows.split.before(rows.data, interaction);
  std::vector<std::uint32_t> liked;
  for (auto i = before.rbegin(); i != before.rend() && liked.size() < world.profile().k_recent; ++i) {
    const auto row = rows.row_of_interaction[*i];
    const bool usable = row != kNoRow && world.item_side_of_row()[row] != 0;
    if (usable && (world.data().any_rating || rows.split.positive(rows.data, *i))) liked.push_back(row);
  }
  return liked;
}

}  // namespace

Samples::Samples(const FrozenWorld& world, PersonaVectors kind, const std::vector<SelectedTarget>& selected,
                 std::size_t threads, Vectors vectors)
    : world_(world), kind_(kind), threads_(threads) {
  const std::size_t d = world.dimensions();
  if (vectors == Vectors::kKept) kept_ = {selected.size() * 2 * d, world.data().scratch};
  const auto& rows = world.data().rows;
  std::vector<Choice> choices(selected.size());
  std::vector<std::vector<std::uint32_t>> liked(selected.size());
  std::vector<std::uint8_t> has_profile(selected.size(), 0);
  parallel_ranges(selected.size(), kSamplesPerTask, threads, [&](std::size_t begin, std::size_t end) {
    std::vector<float> made(2 * d);
    for (std::size_t i = begin; i < end; ++i) {
      const auto both = kept_.empty() ? std::span(made) : kept_.values().subspan(i * 2 * d, 2 * d);
      const auto user = rows.data[selected[i].interaction].user;
      liked[i] = liked_before(world, selected[i].interaction);
      const bool found = user_profile(world.items(), liked[i], std::array{user}, world.profile(), both.first(d));
      has_profile[i] = found ? 1 : 0;
      if (found) choices[i] = choose_persona(user, selected[i].persona, both.last(d));
    }
  });
  for (std::size_t i = 0; i < selected.size(); ++i) {
    const auto row = rows.row_of_interaction[selected[i].interaction];
    if (row == kNoRow || world.item_side_of_row()[row] == 0) continue;  // of a fold that this world leaves out
    if (has_profile[i] == 0) {
      ++dropped_no_profile_;
    } else if (!choices[i].found) {
      ++dropped_no_persona_;
    } else {
      moved_ += choices[i].moved ? 1 : 0;
      const auto& interaction = rows.data[selected[i].interaction];
      samples_.push_back({interaction.user, interaction.item, choices[i].persona, selected[i].interaction});
      liked_.append(liked[i]);
      if (!kept_.empty()) row_of_sample_.push_back(static_cast<std::uint32_t>(i));
    }
  }
  count_items();
}

Samples::Choice Samples::choose_persona(std::uint32_t user, std::uint32_t selected, std::span<float> out) const {
  const std::size_t d = world_.dimensions();
  if (world_.persona_without(kind_, selected, user, out)) return {.persona = selected, .moved = false, .found = true};
  std::vector<float> own(d);
  const bool has_own = world_.persona(kind_, selected, own);
  Choice best{.persona = selected, .moved = true, .found = false};
  double nearest = 0;
  std::vector<float> other(d);
  const auto& table = world_.data().personas;
  const auto personas = table.personas_of_item[table.item_of_persona[selected]];
  for (std::uint32_t k = personas.first; k < personas.end(); ++k) {
    if (k == selected || !world_.persona_without(kind_, k, user, other)) continue;
    const double similarity = has_own ? dot(own, other) : 0;
    if (best.found && similarity <= nearest) continue;
    best.persona = k;
    best.found = true;
    nearest = similarity;
    std::ranges::copy(other, out.begin());
  }
  return best;
}

void Samples::count_items() {
  std::vector<std::uint64_t> counts(world_.data().personas.items.size(), 0);
  for (const auto& sample : samples_) ++counts[sample.item];
  const double sum = static_cast<double>(std::max<std::size_t>(samples_.size(), 1));
  log_q_of_item_.resize(counts.size());
  std::transform(counts.begin(), counts.end(), log_q_of_item_.begin(),
                 [&](auto count) { return static_cast<float>(-std::log((static_cast<double>(count) + 1) / sum)); });
}

HeadBatch Samples::make_batch(std::span<const std::uint32_t> batch, const LossOptions& loss) const {
  const std::size_t d = world_.dimensions();
  const std::size_t b = batch.size();
  const std::size_t h = loss.hard_negatives;
  HeadBatch made{.size = b,
                 .dimensions = d,
                 .hard_count = h,
                 .users = std::vector<float>(b * d),
                 .personas = std::vector<float>(b * d),
                 .hard = std::vector<float>(b * h * d),
                 .log_q = {},
                 .user_id = {},
                 .persona_id = {},
                 .item_id = {}};
  for (const auto i : batch) {
    made.user_id.push_back(samples_[i].user);
    made.persona_id.push_back(samples_[i].persona);
    made.item_id.push_back(samples_[i].item);
    if (loss.log_q) made.log_q.push_back(log_q_of_item_[samples_[i].item]);
  }
  parallel_ranges(b, kSamplesPerTask, threads_, [&](std::size_t begin, std::size_t end) {
    for (std::size_t at = begin; at < end; ++at) {
      const auto& sample = samples_[batch[at]];
      const auto row = [&](std::vector<float>& matrix, std::size_t i) { return std::span(matrix).subspan(i * d, d); };
      if (kept_.empty()) {
        user_profile(world_.items(), liked(batch[at]), std::array{sample.user}, world_.profile(), row(made.users, at));
        world_.persona_without(kind_, sample.persona, sample.user, row(made.personas, at));
      } else {
        if (at + 1 < end) prefetch(kept(batch[at + 1]));
        std::ranges::copy(kept(batch[at]).first(d), row(made.users, at).begin());
        std::ranges::copy(kept(batch[at]).last(d), row(made.personas, at).begin());
      }
      add_hard_negatives(sample, std::span(made.hard).subspan(at * h * d, h * d));
    }
  });
  return made;
}

// Other personas of the target item, in file order, without the user's traces; what is missing stays zero.
void Samples::add_hard_negatives(const Sample& sample, std::span<float> out) const {
  const std::size_t d = world_.dimensions();
  const auto personas = world_.data().personas.personas_of_item[sample.item];
  std::size_t at = 0;
  for (std::uint32_t k = personas.first; k < personas.end() && (at + 1) * d <= out.size(); ++k) {
    if (k == sample.persona) continue;
    if (world_.persona_without(kind_, k, sample.user, out.subspan(at * d, d))) ++at;
  }
}

}  // namespace persona4rec
