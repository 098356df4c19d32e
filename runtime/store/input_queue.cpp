#include "runtime/store/input_queue.hpp"

#include <algorithm>

namespace wf::store {

namespace {

std::size_t size_of(const Input& input) {
  return sizeof(Input) + input.body.size();
}

}  // namespace

void InputQueue::push(const std::vector<Input>& inputs) {
  std::lock_guard lock(mutex_);
  for (const Input& input : inputs) {
    inputs_.push_back(input);
    bytes_ += size_of(input);
  }
  while (bytes_ > most_bytes_) pop();
}

void InputQueue::drop(InputSeq consumed) {
  std::lock_guard lock(mutex_);
  while (!inputs_.empty() && inputs_.front().seq <= consumed) pop();
}

void InputQueue::pop() {
  gone_ = inputs_.front().seq;
  bytes_ -= size_of(inputs_.front());
  inputs_.pop_front();
}

std::optional<std::vector<Input>> InputQueue::read(InputSeq after, std::size_t limit) const {
  std::lock_guard lock(mutex_);
  if (after < gone_) return std::nullopt;
  std::vector<Input> out;
  for (std::size_t i = after - gone_; i < inputs_.size() && out.size() < limit; ++i)
    out.push_back(inputs_[i]);
  return out;
}

}  // namespace wf::store
