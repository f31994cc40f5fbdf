; 6a2f2da9c25699e8b0561a03f92388cebc44b09d8c8c9868a204318a37335284


; Function Attrs: nofree norecurse nosync nounwind memory(argmem: readwrite)
define noundef range(i32 -1, -2) i32 @add_seconds(ptr noalias writeonly captures(none) %retptr, ptr noalias readnone captures(none) %excinfo, ptr readonly captures(none) %arg.text, ptr readonly captures(none) %arg.starts, i64 %arg.rows, ptr readonly captures(none) %arg.template, ptr readonly captures(none) %arg.kinds, i64 %arg.begin, i64 %arg.end, ptr captures(none) %arg.times) local_unnamed_addr #0 {
B0.endif:
  %.107216.not = icmp slt i64 %arg.rows, 1
  br i1 %.107216.not, label %common.ret, label %B36.lr.ph

B36.lr.ph:                                        ; preds = %B0.endif
  %.244 = sub i64 %arg.end, %arg.begin
  %.244.fr = freeze i64 %.244
  %..244 = tail call i64 @llvm.smax.i64(i64 %.244.fr, i64 0)
  %.287191 = icmp sgt i64 %.244.fr, 0
  br i1 %.287191, label %B36.endif.endif.us.preheader, label %B36.endif.endif.peel

B36.endif.endif.us.preheader:                     ; preds = %B36.lr.ph
  %0 = add nuw i64 %..244, 1
  br label %B36.endif.endif.us

B36.endif.endif.peel:                             ; preds = %B36.lr.ph
  %.179.peel = load i64, ptr %arg.times, align 8
  %spec.select = tail call i64 @llvm.smax.i64(i64 %.179.peel, i64 -1)
  store i64 %spec.select, ptr %arg.times, align 8
  %exitcond.peel.not = icmp eq i64 %arg.rows, 1
  br i1 %exitcond.peel.not, label %common.ret, label %B36.endif.endif.preheader

B36.endif.endif.preheader:                        ; preds = %B36.endif.endif.peel
  %1 = add nsw i64 %arg.rows, -1
  %2 = add nsw i64 %arg.rows, -2
  %xtraiter = and i64 %1, 3
  %3 = icmp ult i64 %2, 3
  br i1 %3, label %B36.endif.endif.epil.preheader, label %B36.endif.endif.preheader.new

B36.endif.endif.preheader.new:                    ; preds = %B36.endif.endif.preheader
  %unroll_iter = and i64 %1, -4
  br label %B36.endif.endif

B36.endif.endif.us:                               ; preds = %B36.endif.endif.us.preheader, %B462.us
  %.113206219.us = phi i64 [ %.120.us, %B462.us ], [ 0, %B36.endif.endif.us.preheader ]
  %.150.us = getelementptr i32, ptr %arg.starts, i64 %.113206219.us
  %.151.us = load i32, ptr %.150.us, align 4
  %.178.us = getelementptr i64, ptr %arg.times, i64 %.113206219.us
  %.179.us = load i64, ptr %.178.us, align 8
  %.180.us = icmp sgt i64 %.179.us, -1
  %.330.us = sext i32 %.151.us to i64
  %invariant.gep.us = getelementptr i8, ptr %arg.text, i64 %.330.us
  br label %B156.endif.endif.us

B420.us:                                          ; preds = %B154.B404_crit_edge.us
  %.600.us = mul nsw i64 %second.3.2.us, 1000000
  %.606.us = mul nsw i64 %scale.3.2.us, %fraction.3.2.us
  %.603.us = add i64 %.606.us, %.179.us
  %.611.us = add i64 %.603.us, %.600.us
  br label %B462.us

B462.us:                                          ; preds = %B420.us, %B154.B404_crit_edge.us
  %"$phi462.1.2.1.us" = phi i64 [ %.611.us, %B420.us ], [ -1, %B154.B404_crit_edge.us ]
  %sunkaddr = mul i64 %.113206219.us, 8
  %sunkaddr27 = getelementptr i8, ptr %arg.times, i64 %sunkaddr
  store i64 %"$phi462.1.2.1.us", ptr %sunkaddr27, align 8
  %exitcond267.not = icmp eq i64 %.120.us, %arg.rows
  br i1 %exitcond267.not, label %common.ret, label %B36.endif.endif.us

B156.endif.endif.us:                              ; preds = %B36.endif.endif.us, %B473.us
  %lsr.iv = phi i64 [ %0, %B36.endif.endif.us ], [ %lsr.iv.next, %B473.us ]
  %good.2.1197.us = phi i1 [ %.180.us, %B36.endif.endif.us ], [ %.448157.us, %B473.us ]
  %scale.2.1196.us = phi i64 [ 1000000, %B36.endif.endif.us ], [ %scale.3.2.us, %B473.us ]
  %fraction.2.1195.us = phi i64 [ 0, %B36.endif.endif.us ], [ %fraction.3.2.us, %B473.us ]
  %second.2.1194.us = phi i64 [ 0, %B36.endif.endif.us ], [ %second.3.2.us, %B473.us ]
  %.293189192.us = phi i64 [ %arg.begin, %B36.endif.endif.us ], [ %.300.us, %B473.us ]
  %gep.us = getelementptr i8, ptr %invariant.gep.us, i64 %.293189192.us
  %.334.us = load i8, ptr %gep.us, align 1
  %.479.us = zext i8 %.334.us to i64
  %.507.us = zext i8 %.334.us to i64
  %.361.us = getelementptr i8, ptr %arg.kinds, i64 %.293189192.us
  %.362.us = load i8, ptr %.361.us, align 1
  %4 = zext i8 %.362.us to i32
  %.395.us = icmp eq i8 %.362.us, 0
  br i1 %.395.us, label %B358.thread.us, label %B286.us

B286.us:                                          ; preds = %B156.endif.endif.us
  %5 = trunc i64 %.479.us to i8
  %6 = add i8 %5, -48
  %spec.select.us = icmp ult i8 %6, 10
  switch i32 %4, label %B473.us [
    i32 8, label %B334.us
    i32 9, label %B370.else.if.us
  ]

B370.else.if.us:                                  ; preds = %B286.us
  %.503.us = mul nsw i64 %fraction.2.1195.us, 10
  %.508.us = add i64 %.503.us, -48
  %.511.us = add i64 %.508.us, %.507.us
  %.533.us = sdiv i64 %scale.2.1196.us, 10
  %.534.us = srem i64 %scale.2.1196.us, 10
  %.534.lobit.us = ashr i64 %.534.us, 63
  %spec.select174.us = add nsw i64 %.534.lobit.us, %.533.us
  br label %B473.us

B334.us:                                          ; preds = %B286.us
  %.475.us = mul nsw i64 %second.2.1194.us, 10
  %.480.us = add i64 %.475.us, -48
  %.483.us = add i64 %.480.us, %.479.us
  br label %B473.us

B358.thread.us:                                   ; preds = %B156.endif.endif.us
  %7 = trunc i64 %.507.us to i8
  %.405.us = getelementptr i8, ptr %arg.template, i64 %.293189192.us
  %.406.us = load i8, ptr %.405.us, align 1
  %.410.us = icmp eq i8 %7, %.406.us
  br label %B473.us

B473.us:                                          ; preds = %B358.thread.us, %B334.us, %B370.else.if.us, %B286.us
  %spec.select.pn.us = phi i1 [ %spec.select.us, %B334.us ], [ %.410.us, %B358.thread.us ], [ %spec.select.us, %B286.us ], [ %spec.select.us, %B370.else.if.us ]
  %fraction.3.2.us = phi i64 [ %fraction.2.1195.us, %B334.us ], [ %fraction.2.1195.us, %B358.thread.us ], [ %fraction.2.1195.us, %B286.us ], [ %.511.us, %B370.else.if.us ]
  %scale.3.2.us = phi i64 [ %scale.2.1196.us, %B334.us ], [ %scale.2.1196.us, %B358.thread.us ], [ %scale.2.1196.us, %B286.us ], [ %spec.select174.us, %B370.else.if.us ]
  %second.3.2.us = phi i64 [ %.483.us, %B334.us ], [ %second.2.1194.us, %B358.thread.us ], [ %second.2.1194.us, %B286.us ], [ %second.2.1194.us, %B370.else.if.us ]
  %.448157.us = and i1 %good.2.1197.us, %spec.select.pn.us
  %lsr.iv.next = add i64 %lsr.iv, -1
  %.300.us = add i64 %.293189192.us, 1
  %.287.us = icmp sgt i64 %lsr.iv.next, 1
  br i1 %.287.us, label %B156.endif.endif.us, label %B154.B404_crit_edge.us

B154.B404_crit_edge.us:                           ; preds = %B473.us
  %.120.us = add nuw nsw i64 %.113206219.us, 1
  %.593.us = icmp slt i64 %second.3.2.us, 61
  %or.cond.us = select i1 %.448157.us, i1 %.593.us, i1 false
  br i1 %or.cond.us, label %B420.us, label %B462.us

common.ret.loopexit15.unr-lcssa:                  ; preds = %B36.endif.endif
  %lcmp.mod.not = icmp eq i64 %xtraiter, 0
  %8 = add i64 %niter.next.3, 1
  br i1 %lcmp.mod.not, label %common.ret, label %B36.endif.endif.epil.preheader

B36.endif.endif.epil.preheader:                   ; preds = %common.ret.loopexit15.unr-lcssa, %B36.endif.endif.preheader
  %.113206219.epil.init = phi i64 [ 1, %B36.endif.endif.preheader ], [ %8, %common.ret.loopexit15.unr-lcssa ]
  %9 = shl i64 %.113206219.epil.init, 3
  %scevgep = getelementptr i8, ptr %arg.times, i64 %9
  br label %B36.endif.endif.epil

B36.endif.endif.epil:                             ; preds = %B36.endif.endif.epil, %B36.endif.endif.epil.preheader
  %epil.iter = phi i64 [ %epil.iter.next, %B36.endif.endif.epil ], [ 0, %B36.endif.endif.epil.preheader ]
  %10 = shl nuw nsw i64 %epil.iter, 3
  %scevgep18 = getelementptr i8, ptr %scevgep, i64 %10
  %.179.epil = load i64, ptr %scevgep18, align 8
  %"$phi462.1.2.1.epil" = tail call i64 @llvm.smax.i64(i64 %.179.epil, i64 -1)
  store i64 %"$phi462.1.2.1.epil", ptr %scevgep18, align 8
  %epil.iter.next = add i64 %epil.iter, 1
  %epil.iter.cmp.not = icmp eq i64 %xtraiter, %epil.iter.next
  br i1 %epil.iter.cmp.not, label %common.ret, label %B36.endif.endif.epil, !llvm.loop !0

common.ret:                                       ; preds = %B36.endif.endif.epil, %B462.us, %common.ret.loopexit15.unr-lcssa, %B0.endif, %B36.endif.endif.peel
  store ptr null, ptr %retptr, align 8
  ret i32 0

B36.endif.endif:                                  ; preds = %B36.endif.endif, %B36.endif.endif.preheader.new
  %niter = phi i64 [ 0, %B36.endif.endif.preheader.new ], [ %niter.next.3, %B36.endif.endif ]
  %sunkaddr28 = mul i64 %niter, 8
  %sunkaddr29 = getelementptr i8, ptr %arg.times, i64 %sunkaddr28
  %sunkaddr30 = getelementptr i8, ptr %sunkaddr29, i64 8
  %.179 = load i64, ptr %sunkaddr30, align 8
  %"$phi462.1.2.1" = tail call i64 @llvm.smax.i64(i64 %.179, i64 -1)
  store i64 %"$phi462.1.2.1", ptr %sunkaddr30, align 8
  %sunkaddr31 = mul i64 %niter, 8
  %sunkaddr32 = getelementptr i8, ptr %arg.times, i64 %sunkaddr31
  %sunkaddr33 = getelementptr i8, ptr %sunkaddr32, i64 16
  %.179.1 = load i64, ptr %sunkaddr33, align 8
  %"$phi462.1.2.1.1" = tail call i64 @llvm.smax.i64(i64 %.179.1, i64 -1)
  store i64 %"$phi462.1.2.1.1", ptr %sunkaddr33, align 8
  %sunkaddr34 = mul i64 %niter, 8
  %sunkaddr35 = getelementptr i8, ptr %arg.times, i64 %sunkaddr34
  %sunkaddr36 = getelementptr i8, ptr %sunkaddr35, i64 24
  %.179.2 = load i64, ptr %sunkaddr36, align 8
  %"$phi462.1.2.1.2" = tail call i64 @llvm.smax.i64(i64 %.179.2, i64 -1)
  store i64 %"$phi462.1.2.1.2", ptr %sunkaddr36, align 8
  %sunkaddr37 = mul i64 %niter, 8
  %sunkaddr38 = getelementptr i8, ptr %arg.times, i64 %sunkaddr37
  %sunkaddr39 = getelementptr i8, ptr %sunkaddr38, i64 32
  %.179.3 = load i64, ptr %sunkaddr39, align 8
  %"$phi462.1.2.1.3" = tail call i64 @llvm.smax.i64(i64 %.179.3, i64 -1)
  store i64 %"$phi462.1.2.1.3", ptr %sunkaddr39, align 8
  %niter.next.3 = add i64 %niter, 4
  %niter.ncmp.3 = icmp eq i64 %unroll_iter, %niter.next.3
  br i1 %niter.ncmp.3, label %common.ret.loopexit15.unr-lcssa, label %B36.endif.endif, !llvm.loop !2
}

; Function Attrs: mustprogress nocallback nocreateundeforpoison nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.smax.i64(i64, i64) #1










; Function Attrs: nocallback nofree nosync nounwind willreturn memory(inaccessiblemem: write)
declare void @llvm.assume(i1 noundef) #2

attributes #0 = { nofree norecurse nosync nounwind memory(argmem: readwrite) }
attributes #1 = { mustprogress nocallback nocreateundeforpoison nofree nosync nounwind speculatable willreturn memory(none) }
attributes #2 = { nocallback nofree nosync nounwind willreturn memory(inaccessiblemem: write) }
attributes #3 = { noinline }

!0 = distinct !{!0, !1}
!1 = !{!"llvm.loop.unroll.disable"}
!2 = distinct !{!2, !3}
!3 = !{!"llvm.loop.peeled.count", i32 1}
!4 = !{!"branch_weights", i32 49, i32 1}
