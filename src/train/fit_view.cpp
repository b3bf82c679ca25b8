#include "train/fit_view.hpp"

#include <optional>

#include "base/parallel.hpp"
#include "matching/fusion.hpp"
#include "matching/head_map.hpp"
#include "matching/user_profile.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kPersonasPerTask = 64;

LinearMap square(const std::vector<float>& weights, std::size_t d) {
  return {.inputs = d, .outputs = d, .weights = weights};
}

}  // namespace

FitView::FitView(const FrozenWorld& world, const WordChannel& words, const TrainedHead& head, const GroupedRows& liked,
                 const TrainOptions& options)
    : world_(world),
      words_(words),
      head_(head),
      liked_(liked),
      profile_(options.profile),
      scorer_(options.alpha),
      sum_(words.vocabulary().size()) {
  const std::size_t d = world.dimensions();
  const std::size_t count = world.data().personas.size();
  personas_.resize(count * d);
  has_vector_.resize(count);
  parallel_ranges(count, kPersonasPerTask, options.threads, [&](std::size_t begin, std::size_t end) {
    std::vector<float> frozen(d);
    for (auto k = static_cast<std::uint32_t>(begin); k < end; ++k) {
      has_vector_[k] = world.persona(options.persona_vectors, k, frozen) &&
                               square(head.persona_map, d).apply(frozen, std::span(personas_).subspan(k * d, d))
                           ? 1
                           : 0;
    }
  });
}

void FitView::take_user(std::uint32_t user) {
  const std::size_t d = world_.dimensions();
  const auto liked = liked_.of(user);
  std::vector<float> frozen(d);
  user_vector_.assign(d, 0.0F);
  const bool found = user_profile(world_.items(), liked, std::array{user}, profile_, frozen) &&
                     square(head_.user_map, d).apply(frozen, user_vector_);
  if (!found) user_vector_.clear();
  user_words_ = words_.user(liked, profile_, sum_);
}

double FitView::head_score(std::uint32_t item) {
  const std::size_t d = world_.dimensions();
  if (user_vector_.empty()) return kNoValue;
  const auto match = scorer_.match(world_.data().personas.personas_of_item[item], [&](std::uint32_t k) {
    if (has_vector_[k] == 0) return std::optional<float>();
    return std::optional(static_cast<float>(dot(user_vector_, std::span(personas_).subspan(k * d, d))));
  });
  return match ? match->score : kNoValue;
}

double FitView::words_score(const SparseMatrix& words, std::uint32_t item) const {
  if (user_words_.empty() || item >= words.rows() || words.row(item).empty()) return kNoValue;
  return dot(user_words_, words.row(item));
}

void FitView::add_list(std::span<const FitCandidate> list, std::size_t target, FitData& data) {
  std::array<std::vector<double>, kFitChannels> channels;
  for (const auto& candidate : list) {
    channels[kFitBase].push_back(candidate.score);
    channels[kFitWords].push_back(words_score(words_.words_of_item(), candidate.item));
    channels[kFitHead].push_back(head_score(candidate.item));
    channels[kFitPersonaWords].push_back(words_score(words_.persona_words_of_item(), candidate.item));
  }
  for (auto& channel : channels) {
    const auto values = channel;
    standardize(values, channel);
  }
  data.begin_list(target);
  for (std::size_t c = 0; c < list.size(); ++c) {
    data.add_candidate(std::array{channels[0][c], channels[1][c], channels[2][c], channels[3][c]}.data());
  }
}

}  // namespace persona4rec
