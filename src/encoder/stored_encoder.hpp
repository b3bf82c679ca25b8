// A TextEncoder that looks into a text store first and keeps there what it had to compute.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "encoder/batch_collector.hpp"
#include "encoder/batch_encoder.hpp"
#include "encoder/text_store.hpp"
#include "persona4rec/text_encoder.hpp"

namespace persona4rec {

class StoredEncoder final : public TextEncoder {
 public:
  static constexpr double kSaveEvery = 5;  // seconds

  // Opens (and locks) the store for the life of this object. Whole batches are stored every `save_every_s` seconds of
  // computing, and when it ends, whatever ends it. Throws as TextStore.
  StoredEncoder(std::unique_ptr<BatchEncoder> encoder, const std::filesystem::path& store,
                double save_every_s = kSaveEvery);

  [[nodiscard]] std::size_t dimensions() const override { return encoder_->dimensions(); }
  [[nodiscard]] std::string fingerprint() const override { return fingerprint_; }

  // Window by window. What a window lacks is its plan: batches are formed of the plan's texts, and what is stored of
  // them carries the plan's number. An interrupted run leaves part of a plan; the next one finds the rest by that
  // number, forms the same batches, skips those that are stored, and so gives the bytes of an uninterrupted run.
  [[nodiscard]] Embeddings encode(std::span<const std::string> texts, const ProgressFn& progress) override;

 private:
  // The distinct texts of a window, in order; `plan` = of the block that holds a stored one, or kMissing.
  struct Member {
    std::size_t distinct = 0;
    TextKey key;
    std::uint64_t plan = 0;
  };
  // What is to be computed together, in the window's order.
  struct Plan {
    std::uint64_t number = 0;
    std::vector<std::size_t> distinct;
    std::vector<std::size_t> rows;
    std::vector<TextKey> keys;
    std::vector<std::uint8_t> known;
  };

  [[nodiscard]] std::vector<Member> look_up(std::span<const std::string> texts, std::size_t begin,
                                            EmbeddingsBuilder& builder);
  [[nodiscard]] static Plan make_plan(const std::vector<Member>& members, const DistinctTexts& distinct);
  void compute(const Plan& plan, std::span<const std::string> texts, BatchCollector& collector);

  std::unique_ptr<BatchEncoder> encoder_;
  std::string fingerprint_;
  TextStore store_;
  double save_every_s_;
};

}  // namespace persona4rec
