#include "personas/item_affinities.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "records/affinities.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kAlikeItems = 3;

void sort_distinct(std::vector<std::uint32_t>& values) {
  std::ranges::sort(values);
  const auto repeated = std::ranges::unique(values);
  values.erase(repeated.begin(), repeated.end());
}

}  // namespace

ItemAffinities::ItemAffinities(ItemReviews& items)
    : items_(items), counts_(items.data(), items.split(), items.titles()) {}

void ItemAffinities::add_to(std::vector<Persona>& personas, std::size_t item) {
  const auto own = static_cast<std::uint32_t>(item);
  for (auto& persona : personas) {
    if (!persona.affinities.empty()) continue;
    if (!persona.support.empty()) {
      add(persona, supporters(persona, item), {own});
      continue;
    }
    std::vector<std::uint32_t> users;
    for (const auto other : alike(item)) {
      persona.affinity_from.push_back(items_.data().items()[other]);
      const auto likers = counts_.likers(other);
      users.insert(users.end(), likers.begin(), likers.end());
    }
    sort_distinct(users);
    add(persona, std::move(users), {own});
  }
}

void ItemAffinities::add(Persona& persona, std::vector<std::uint32_t> users, std::vector<std::uint32_t> about) {
  persona.affinity_counts = counts_.count(users, about);
  persona.affinities = counted_affinities(persona.affinity_counts);
  if (persona.affinity_counts.empty()) persona.affinity_from.clear();
}

std::vector<std::uint32_t> ItemAffinities::supporters(const Persona& persona, std::size_t item) {
  const std::unordered_set<ReviewId> support(persona.support.begin(), persona.support.end());
  std::vector<std::uint32_t> users;
  items_.for_each_review(item, [&](AspectRow&& review) {
    const auto user = support.contains(review.review_id) ? items_.data().find_user(review.user_id) : std::nullopt;
    if (user) users.push_back(*user);
  });
  sort_distinct(users);
  return users;
}

std::vector<std::uint32_t> ItemAffinities::alike(std::size_t item) {
  return alike_items().nearest(items_.metadata_text(item), kAlikeItems);
}

// Only items that somebody liked can say what people like.
AlikeItems& ItemAffinities::alike_items() {
  if (alike_) return *alike_;
  VocabularyBuilder words{WordTokenizer(StopWords::resolve("english"))};
  const auto reviewed = items_.data().items().size();
  for (std::uint32_t item = 0; item < reviewed; ++item) {
    if (!counts_.likers(item).empty()) words.add(items_.metadata_text(item));
  }
  metadata_ = words.build({.min_documents = 1, .max_document_share = 1});
  auto& alike = alike_.emplace(metadata_);
  for (std::uint32_t item = 0; item < reviewed; ++item) {
    if (!counts_.likers(item).empty()) alike.add(item, items_.metadata_text(item));
  }
  return alike;
}

}  // namespace persona4rec
