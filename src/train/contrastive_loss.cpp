#include "train/contrastive_loss.hpp"

#include <ATen/ATen.h>

#include <limits>

#include "train/batch_slopes.hpp"

namespace persona4rec {
namespace {

constexpr double kMasked = -std::numeric_limits<double>::infinity();

// [b, b] bool: true off the diagonal.
at::Tensor off_diagonal(const at::Tensor& like) {
  return at::eye(like.size(0), like.options().dtype(at::kBool)).logical_not();
}

// [b, b] bool: does column j carry the same id as row i, off the diagonal?
at::Tensor same_ids(const at::Tensor& ids) {
  return ids.unsqueeze(0).eq(ids.unsqueeze(1)).logical_and(off_diagonal(ids));
}

// Mean over rows of the smoothed cross-entropy to column `i` of row i; masked columns hold -inf.
at::Tensor diagonal_cross_entropy(const at::Tensor& logits, double smoothing) {
  const auto log_p = at::log_softmax(logits, 1);  // [b, columns]
  const auto positive = log_p.diagonal();         // [b]
  if (smoothing == 0) return -positive.mean();
  const auto open = log_p.isfinite();
  const auto spread = at::where(open, log_p, at::zeros_like(log_p)).sum(1) / open.sum(1);
  return -((1 - smoothing) * positive + smoothing * spread).mean();
}

class Loss {
 public:
  Loss(const ContrastiveBatch& batch, const LossOptions& options, const at::Tensor& temperature)
      : batch_(batch), options_(options), temperature_(temperature) {}

  [[nodiscard]] at::Tensor compute() const { return has_own_columns_alone() ? own_columns() : all_columns(); }

 private:
  [[nodiscard]] bool has_own_columns_alone() const {
    const auto is_plain = [](const at::Tensor& rows) { return rows.is_cpu() && rows.scalar_type() == at::kFloat; };
    return !batch_.others.defined() && !batch_.hard.defined() && !temperature_.defined() && !options_.symmetric &&
           options_.label_smoothing == 0 && options_.percpos == 0 && is_plain(batch_.users) &&
           is_plain(batch_.personas);
  }

  [[nodiscard]] at::Tensor own_columns() const {
    OwnColumns columns{.ids = {}, .log_q = batch_.log_q, .temperature = options_.temperature};
    if (options_.mask_same_persona) columns.ids.push_back(batch_.persona_id);
    if (options_.mask_same_item) columns.ids.push_back(batch_.item_id);
    if (options_.mask_same_user) columns.ids.push_back(batch_.user_id);
    return own_columns_loss(batch_.users, batch_.personas, columns);
  }

  [[nodiscard]] at::Tensor all_columns() const {
    const auto cosine = batch_.users.mm(batch_.personas.t());  // [b, b]
    const auto masked = mask(cosine);
    auto logits = scaled(cosine);
    if (batch_.log_q.defined()) logits = logits + batch_.log_q.unsqueeze(0);
    logits = logits.masked_fill(masked, kMasked);
    std::vector<at::Tensor> columns = {logits};
    if (batch_.others.defined()) columns.push_back(other_logits(cosine));
    if (batch_.hard.defined()) columns.push_back(hard_logits());
    auto forward = diagonal_cross_entropy(columns.size() == 1 ? logits : at::cat(columns, 1), options_.label_smoothing);
    if (!options_.symmetric) return forward;
    const auto backward = scaled(cosine.t()).masked_fill(masked.t(), kMasked);
    return (forward + diagonal_cross_entropy(backward, options_.label_smoothing)) / 2;
  }

  [[nodiscard]] at::Tensor scaled(const at::Tensor& cosine) const {
    return temperature_.defined() ? cosine / temperature_ : cosine / options_.temperature;
  }

  // [b, b] bool
  [[nodiscard]] at::Tensor mask(const at::Tensor& cosine) const {
    auto masked = at::zeros_like(cosine, at::kBool);
    if (options_.mask_same_persona) masked.logical_or_(same_ids(batch_.persona_id));
    if (options_.mask_same_item) masked.logical_or_(same_ids(batch_.item_id));
    if (options_.mask_same_user) masked.logical_or_(same_ids(batch_.user_id));
    if (options_.percpos > 0) {
      masked.logical_or_(too_similar(cosine.detach(), cosine).logical_and(off_diagonal(cosine)));
    }
    return masked;
  }

  [[nodiscard]] at::Tensor too_similar(const at::Tensor& columns, const at::Tensor& cosine) const {
    return columns.gt(options_.percpos * cosine.detach().diagonal().unsqueeze(1));
  }

  // [b, m]
  [[nodiscard]] at::Tensor other_logits(const at::Tensor& cosine) const {
    const auto others = batch_.users.mm(batch_.others.t());
    auto masked = batch_.masked_others;
    if (options_.percpos > 0) masked = masked.logical_or(too_similar(others.detach(), cosine));
    return (scaled(others) + batch_.others_log_q).masked_fill(masked, kMasked);
  }

  // Cosines of each row with its own hard negatives. [b, h]
  [[nodiscard]] at::Tensor hard_logits() const {
    const auto logits = scaled(at::bmm(batch_.hard, batch_.users.unsqueeze(2)).squeeze(2));
    return logits.masked_fill(batch_.hard.detach().abs().sum(2).eq(0), kMasked);
  }

  const ContrastiveBatch& batch_;
  const LossOptions& options_;
  const at::Tensor& temperature_;
};

}  // namespace

at::Tensor contrastive_loss(const ContrastiveBatch& batch, const LossOptions& options, const at::Tensor& temperature) {
  return Loss(batch, options, temperature).compute();
}

}  // namespace persona4rec
