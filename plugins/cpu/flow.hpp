// Threads: work is a number of tasks; nobody may care which thread runs which, nor how many there are.
#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>

namespace rdu::cpu {

// A callable that is borrowed for the length of a call.
template <class Signature>
class FunctionRef;
template <class... Args>
class FunctionRef<void(Args...)> {
 public:
  template <class F>
  requires(!std::is_same_v<std::remove_cvref_t<F>, FunctionRef>) FunctionRef(F&& f)
      : object_(const_cast<void*>(static_cast<const void*>(&f))),
        call_([](void* object, Args... args) {
          (*static_cast<std::remove_reference_t<F>*>(object))(args...);
        }) {}
  void operator()(Args... args) const { call_(object_, args...); }

 private:
  void* object_;
  void (*call_)(void*, Args...);
};

class Flow {
 public:
  // `threads`: how many may work at once, the caller included.
  explicit Flow(std::uint32_t threads);
  ~Flow();
  Flow(const Flow&) = delete;
  Flow& operator=(const Flow&) = delete;

  std::uint32_t threads() const { return threads_; }

  // Runs task(i, worker) for each i < count and returns when all are done. Worker 0 is the caller; each other is one of
  // this flow's threads, and nobody else's while the task runs. Blocks. Any number of threads may call it at once, and
  // tasks may: the workers help the first, the others work alone. What a task throws is thrown again when all are done.
  void parallel(std::int64_t count, FunctionRef<void(std::int64_t, std::uint32_t)> task) const;

  class Team;

  // As long as it lives, there will be parallel regions soon: workers that sleep begin to wake, and look for them without
  // pause. Workers whose attention nobody asks for let others have their processors, and soon fall asleep where runs do not
  // follow each other closely.
  class Attention {
   public:
    // `is_short`: what has to be woken for this would only come when it is over.
    Attention(const Flow& flow, bool is_short);
    ~Attention();
    Attention(const Attention&) = delete;
    Attention& operator=(const Attention&) = delete;
    // There is no worker, or all of them sleep on.
    bool alone() const { return alone_; }

   private:
    Team* team_;
    bool alone_;
  };

 private:
  std::uint32_t threads_;
  std::unique_ptr<Team> team_;
};

}  // namespace rdu::cpu
