// An encoder without a model: a text's vector is drawn from its bytes (seeded by their SHA-256), at unit length, so
// that equal texts have equal vectors and different texts nearly orthogonal ones.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/hash.hpp"
#include "base/rng.hpp"
#include "persona4rec/text_encoder.hpp"

namespace persona4rec::test {

class FakeTextEncoder final : public TextEncoder {
 public:
  explicit FakeTextEncoder(std::size_t dimensions = 16, std::string name = "fake")
      : dimensions_(dimensions), name_(std::move(name)) {}

  [[nodiscard]] std::size_t dimensions() const override { return dimensions_; }
  [[nodiscard]] std::string fingerprint() const override {
    return sha256_hex(name_ + "|" + std::to_string(dimensions_));
  }

  [[nodiscard]] std::vector<float> vector(const std::string& text) const {
    Rng rng(std::stoull(sha256_hex(name_ + text).substr(0, 15), nullptr, 16));
    std::vector<double> values(dimensions_);
    double squares = 0;
    for (double& value : values) {
      value = rng.uniform() - 0.4;  // off centre, as real encoders are: centring must matter
      squares += value * value;
    }
    std::vector<float> unit(dimensions_);
    for (std::size_t i = 0; i < dimensions_; ++i) unit[i] = static_cast<float>(values[i] / std::sqrt(squares));
    return unit;
  }

  [[nodiscard]] Embeddings encode(std::span<const std::string> texts, const ProgressFn& progress) override {
    Embeddings out{.rows = texts.size(), .dimensions = dimensions_};
    for (const auto& text : texts) {
      const auto values = vector(text);
      out.values.insert(out.values.end(), values.begin(), values.end());
      out.counts.tokens += text.size();
      calls_.push_back(text);
    }
    out.counts.texts = out.counts.encoded = texts.size();
    if (progress) progress({.what = "texts", .done = texts.size(), .total = texts.size()});
    return out;
  }

  // Every text encoded so far, in order.
  [[nodiscard]] const std::vector<std::string>& calls() const { return calls_; }

 private:
  std::size_t dimensions_;
  std::string name_;
  std::vector<std::string> calls_;
};

}  // namespace persona4rec::test
