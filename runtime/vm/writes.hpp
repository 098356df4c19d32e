// What a group of steps has changed so far and no store knows yet, and records as they look with it.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/vm/vm.hpp"

namespace wf::vm {

/// A value as a property takes it: within its declared range, integers stay integers.
Value clamp_to_range(const bytecode::Property& declared, Value v);
/// The sum as a property takes it; unknown counts as 0.
Value added_to(const bytecode::Property& declared, const Value& current, const Value& amount);

class Writes {
 public:
  void set(std::uint64_t key, std::uint32_t object, std::uint32_t property, Value v) {
    written_.push_back({key, object, property, std::move(v)});
  }
  void create(std::uint64_t key, std::uint32_t object) { created_.push_back({key, object}); }
  void remove(std::uint64_t key) { deleted_.push_back(key); }
  void set_member(std::uint64_t key, std::uint32_t list, bool member) {
    members_.push_back({key, list, member});
  }
  void set_tagged(std::uint64_t key, std::string_view tag, bool tagged) {
    tags_.push_back({key, std::string(tag), tagged});
  }

  bool empty() const {
    return written_.empty() && created_.empty() && deleted_.empty() && members_.empty() && tags_.empty();
  }
  /// The newest value; null when it was not written.
  const Value* find(std::uint64_t key, std::uint32_t object, std::uint32_t property) const;
  /// How often the property, which was `before`, took the value.
  std::int64_t became(std::uint64_t key, std::uint32_t object, std::uint32_t property, Value before,
                      const Value& wanted) const;
  bool is_deleted(std::uint64_t key) const {
    return std::find(deleted_.begin(), deleted_.end(), key) != deleted_.end();
  }
  bool is_created(std::uint64_t key, std::uint32_t object) const {
    return std::find(created_.begin(), created_.end(), Created{key, object}) != created_.end();
  }
  /// Nothing when it was not written.
  std::optional<bool> member(std::uint64_t key, std::uint32_t list) const;
  std::optional<bool> tagged(std::uint64_t key, std::string_view tag) const;
  /// `keys` are the records of `object` whose `property` points at `to` without the writes.
  std::vector<std::uint64_t> linked(std::vector<std::uint64_t> keys, std::uint64_t to, std::uint32_t object,
                                    std::uint32_t property) const;

 private:
  struct Written {
    std::uint64_t key;
    std::uint32_t object, property;
    Value value;
  };
  struct Created {
    std::uint64_t key;
    std::uint32_t object;
    friend bool operator==(const Created&, const Created&) = default;
  };
  struct Member {
    std::uint64_t key;
    std::uint32_t list;
    bool member;
  };
  struct Tagged {
    std::uint64_t key;
    std::string tag;
    bool tagged;
  };
  std::vector<Written> written_;  // newest last, as in the others
  std::vector<Member> members_;
  std::vector<Tagged> tags_;
  std::vector<Created> created_;
  std::vector<std::uint64_t> deleted_;
};

/// Reading through a view and the writes above it. Both outlive it.
class Written final : public View {
 public:
  /// `own` is null for a record that the group created; `root` answers for all others.
  Written(const View& root, std::unique_ptr<View> own, std::uint64_t key, std::uint32_t object,
          const Writes& writes, std::int64_t now)
      : root_(root), own_(std::move(own)), key_(key), object_(object), writes_(writes), now_(now) {}

  std::uint64_t key() const override { return key_; }
  std::int64_t created_at() const override { return own_ ? own_->created_at() : now_; }
  Value property(std::uint32_t property) const override;
  Value field(std::uint64_t key, std::uint32_t object, std::uint32_t property) const override;
  std::int64_t count(std::uint32_t counter, std::int64_t now) const override {
    return own_ ? own_->count(counter, now) : 0;
  }
  std::optional<std::int64_t> expiry(std::uint32_t counter, std::int64_t now) const override {
    return own_ ? own_->expiry(counter, now) : std::nullopt;
  }
  std::optional<std::int64_t> last_event(std::uint32_t counter) const override {
    return own_ ? own_->last_event(counter) : std::nullopt;
  }
  bool in_list(std::uint32_t list) const override {
    return writes_.member(key_, list).value_or(own_ && own_->in_list(list));
  }
  bool has_tag(std::string_view tag) const override {
    return writes_.tagged(key_, tag).value_or(own_ && own_->has_tag(tag));
  }
  std::vector<std::uint64_t> linked(std::uint64_t to, std::uint32_t object,
                                    std::uint32_t property) const override {
    return writes_.linked(root_.linked(to, object, property), to, object, property);
  }
  std::unique_ptr<View> other(std::uint64_t key, std::uint32_t object) const override {
    return written_view(root_, key, object, writes_, now_);
  }

  /// Another record with the writes; null when there is none.
  static std::unique_ptr<View> written_view(const View& root, std::uint64_t key, std::uint32_t object,
                                            const Writes& writes, std::int64_t now);

 private:
  const View& root_;
  std::unique_ptr<View> own_;
  std::uint64_t key_;
  std::uint32_t object_;
  const Writes& writes_;
  std::int64_t now_;
};

}  // namespace wf::vm
