// A TextEncoder that looks into a text store first and keeps there what it had to compute.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "encoder/store/batch_collector.hpp"
#include "encoder/store/batch_encoder.hpp"
#include "encoder/store/text_store.hpp"
#include "encoder/store/unsaved_batches.hpp"
#include "encoder/store/window_plan.hpp"
#include "persona4rec/text_encoder.hpp"

namespace persona4rec {

class StoredEncoder final : public TextEncoder {
 public:
  // Opens (and locks) the store for the life of this object. Whole batches are stored every `save_every_s` seconds of
  // computing, and when it ends, whatever ends it. Throws as TextStore.
  StoredEncoder(std::unique_ptr<BatchEncoder> encoder, const std::filesystem::path& store,
                double save_every_s = kSaveEvery);

  [[nodiscard]] std::size_t dimensions() const override { return encoder_->dimensions(); }
  [[nodiscard]] std::string fingerprint() const override { return fingerprint_; }

  // Plan by plan (WindowPlan). An interrupted run leaves part of a plan; the next one finds the rest by its number,
  // forms the same batches, skips those that are stored, and so gives the bytes of an uninterrupted run.
  [[nodiscard]] Embeddings encode(std::span<const std::string> texts, const ProgressFn& progress) override;

 private:
  [[nodiscard]] std::vector<WindowMember> look_up(std::span<const std::string> texts, std::size_t begin,
                                                  EmbeddingsBuilder& builder);
  void compute(const WindowPlan& plan, std::span<const std::string> texts, BatchCollector& collector);

  std::unique_ptr<BatchEncoder> encoder_;
  std::string fingerprint_;
  TextStore store_;
  double save_every_s_;
};

}  // namespace persona4rec
