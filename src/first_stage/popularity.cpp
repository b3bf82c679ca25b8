#include "first_stage/popularity.hpp"

namespace persona4rec {
namespace {

class Popularity final : public FirstStage {
 public:
  explicit Popularity(const InteractionMatrix& data) {
    for (std::uint32_t item = 0; item < data.items(); ++item) {
      users_of_.push_back(static_cast<double>(data.popularity(item)));
    }
  }

  void score(std::uint32_t /*user*/, std::span<const std::uint32_t> /*had*/, std::span<double> scores) const override {
    for (std::size_t item = 0; item < users_of_.size(); ++item) scores[item] = users_of_[item];
  }

 private:
  std::vector<double> users_of_;
};

}  // namespace

std::unique_ptr<FirstStage> fit_popularity(const InteractionMatrix& data) {
  return std::make_unique<Popularity>(data);
}

}  // namespace persona4rec
