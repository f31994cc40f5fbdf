; 655bc57a4bd65b5aa09df12b2ed030df579250dad147df92e792602b07bde414


; Function Attrs: nofree norecurse nosync nounwind memory(argmem: readwrite)
define noundef range(i32 -1, -2) i32 @number_words(ptr noalias writeonly captures(none) %retptr, ptr noalias readnone captures(none) %excinfo, ptr readonly captures(none) %arg.text, ptr readonly captures(none) %arg.starts, ptr readonly captures(none) %arg.ends, i64 %arg.rows, i64 %arg.secret, ptr captures(none) %arg.slots, i64 %arg.room, ptr captures(none) %arg.first, ptr writeonly captures(none) %arg.codes, ptr writeonly captures(none) %arg.found) local_unnamed_addr #0 {
B0.endif:
  %.33 = add nsw i64 %arg.room, -1
  %.128228.not = icmp slt i64 %arg.rows, 1
  br i1 %.128228.not, label %common.ret, label %B168.preheader

B168.preheader:                                   ; preds = %B0.endif
  %const = bitcast i64 -7046029254386353131 to i64
  %slot.2.1199 = and i64 %.33, %arg.secret
  %scevgep = getelementptr i8, ptr %arg.text, i64 1
  br label %B168.endif.endif.endif.endif

B474.preheader:                                   ; preds = %B168.endif.endif.endif.endif
  %sunkaddr = mul i64 %slot.2.1199, 4
  %sunkaddr50 = getelementptr i8, ptr %arg.slots, i64 %sunkaddr
  %.419201 = load i32, ptr %sunkaddr50, align 4
  %.426204 = icmp slt i32 %.419201, 1
  br i1 %.426204, label %B508, label %B584.us.preheader

B584.us.preheader:                                ; preds = %B474.preheader
  br label %B584.us

B474.preheader.thread:                            ; preds = %B378, %B378.prol.loopexit
  %.399.lcssa = phi i64 [ %.399.lcssa.unr, %B378.prol.loopexit ], [ %.399.1, %B378 ]
  %slot.2.1199256 = and i64 %.399.lcssa, %.33
  %.418200257 = getelementptr i32, ptr %arg.slots, i64 %slot.2.1199256
  %.419201258 = load i32, ptr %.418200257, align 4
  %.426204259 = icmp slt i32 %.419201258, 1
  br i1 %.426204259, label %B508, label %B584.preheader

B584.preheader:                                   ; preds = %B474.preheader.thread
  %invariant.gep197266 = getelementptr i8, ptr %arg.text, i64 %.254
  br label %B584

B584.us:                                          ; preds = %B584.us.preheader, %B754.us
  %.421206.us.in.in = phi i32 [ %.419.us, %B754.us ], [ %.419201, %B584.us.preheader ]
  %slot.2.1205.us = phi i64 [ %slot.2.1.us, %B754.us ], [ %slot.2.1199, %B584.us.preheader ]
  %.421206.us.in = zext nneg i32 %.421206.us.in.in to i64
  %.421206.us = add nsw i64 %.421206.us.in, -1
  %.503.us = getelementptr i32, ptr %arg.first, i64 %.421206.us
  %.504.us = load i32, ptr %.503.us, align 4
  %.510.us = sext i32 %.504.us to i64
  %.511.us = getelementptr i32, ptr %arg.ends, i64 %.510.us
  %.512.us = load i32, ptr %.511.us, align 4
  %.516.us = getelementptr i32, ptr %arg.starts, i64 %.510.us
  %.517.us = load i32, ptr %.516.us, align 4
  %.518.us = sext i32 %.512.us to i64
  %.519.us = sext i32 %.517.us to i64
  %.520.us = sub nsw i64 %.518.us, %.519.us
  %.522.us = icmp eq i64 %.520.us, %.255
  br i1 %.522.us, label %B808, label %B754.us

B754.us:                                          ; preds = %B584.us
  %.642.us = add i64 %slot.2.1205.us, 1
  %slot.2.1.us = and i64 %.642.us, %.33
  %.418.us = getelementptr i32, ptr %arg.slots, i64 %slot.2.1.us
  %.419.us = load i32, ptr %.418.us, align 4
  %.426.us = icmp slt i32 %.419.us, 1
  br i1 %.426.us, label %B508, label %B584.us

B378:                                             ; preds = %B378.preheader45, %B378
  %lsr.iv47 = phi ptr [ %scevgep46, %B378.preheader45 ], [ %scevgep48, %B378 ]
  %lsr.iv = phi i64 [ %3, %B378.preheader45 ], [ %lsr.iv.next, %B378 ]
  %key.3.1194 = phi i64 [ %.399.1, %B378 ], [ %key.3.1194.unr, %B378.preheader45 ]
  %scevgep49 = getelementptr i8, ptr %lsr.iv47, i64 -1
  %.391 = load i8, ptr %scevgep49, align 1
  %.392 = zext i8 %.391 to i64
  %.394 = xor i64 %key.3.1194, %.392
  %.396 = mul i64 %.394, %const
  %.398 = lshr i64 %.396, 29
  %.391.1 = load i8, ptr %lsr.iv47, align 1
  %.392.1 = zext i8 %.391.1 to i64
  %0 = xor i64 %.398, %.392.1
  %.394.1 = xor i64 %0, %.396
  %.396.1 = mul i64 %.394.1, %const
  %.398.1 = lshr i64 %.396.1, 29
  %.399.1 = xor i64 %.398.1, %.396.1
  %lsr.iv.next = add nsw i64 %lsr.iv, -2
  %scevgep48 = getelementptr i8, ptr %lsr.iv47, i64 2
  %.351.1 = icmp sgt i64 %lsr.iv.next, 2
  br i1 %.351.1, label %B378, label %B474.preheader.thread

B508:                                             ; preds = %B754, %B754.us, %B474.preheader.thread, %B474.preheader
  %slot.2.1.lcssa = phi i64 [ %slot.2.1199, %B474.preheader ], [ %slot.2.1199256, %B474.preheader.thread ], [ %slot.2.1.us, %B754.us ], [ %slot.2.1, %B754 ]
  %.435 = shl nsw i64 %count.2.0233, 1
  %.437.not = icmp slt i64 %.435, %arg.room
  br i1 %.437.not, label %B542, label %common.ret

common.ret:                                       ; preds = %B808, %B508, %B0.endif
  %storemerge = phi i64 [ 0, %B0.endif ], [ -1, %B508 ], [ %count.3.1, %B808 ]
  store i64 %storemerge, ptr %arg.found, align 8
  store ptr null, ptr %retptr, align 8
  ret i32 0

B542:                                             ; preds = %B508
  %.418.le = getelementptr i32, ptr %arg.slots, i64 %slot.2.1.lcssa
  %.479 = trunc i64 %.134214231 to i32
  %.480 = getelementptr i32, ptr %arg.first, i64 %count.2.0233
  store i32 %.479, ptr %.480, align 4
  %.483 = add nsw i64 %count.2.0233, 1
  %.491 = trunc i64 %.483 to i32
  store i32 %.491, ptr %.418.le, align 4
  br label %B808

B584:                                             ; preds = %B584.preheader, %B754
  %.421206.in.in = phi i32 [ %.419, %B754 ], [ %.419201258, %B584.preheader ]
  %slot.2.1205 = phi i64 [ %slot.2.1, %B754 ], [ %slot.2.1199256, %B584.preheader ]
  %.421206.in = zext nneg i32 %.421206.in.in to i64
  %.421206 = add nsw i64 %.421206.in, -1
  %.503 = getelementptr i32, ptr %arg.first, i64 %.421206
  %.504 = load i32, ptr %.503, align 4
  %.510 = sext i32 %.504 to i64
  %.511 = getelementptr i32, ptr %arg.ends, i64 %.510
  %.512 = load i32, ptr %.511, align 4
  %.516 = getelementptr i32, ptr %arg.starts, i64 %.510
  %.517 = load i32, ptr %.516, align 4
  %.518 = sext i32 %.512 to i64
  %.519 = sext i32 %.517 to i64
  %.520 = sub nsw i64 %.518, %.519
  %.522 = icmp eq i64 %.520, %.255
  br i1 %.522, label %B650, label %B754

B650:                                             ; preds = %B584
  %invariant.gep = getelementptr i8, ptr %arg.text, i64 %.519
  br label %B662

B662:                                             ; preds = %B650, %B736
  %place.3.4 = phi i64 [ %.579, %B736 ], [ 0, %B650 ]
  %gep = getelementptr i8, ptr %invariant.gep, i64 %place.3.4
  %.563 = load i8, ptr %gep, align 1
  %gep198 = getelementptr i8, ptr %invariant.gep197266, i64 %place.3.4
  %.570 = load i8, ptr %gep198, align 1
  %.571 = icmp eq i8 %.563, %.570
  br i1 %.571, label %B736, label %B754

B736:                                             ; preds = %B662
  %.579 = add nuw i64 %place.3.4, 1
  %exitcond.not = icmp eq i64 %.255, %.579
  br i1 %exitcond.not, label %B808, label %B662

B754:                                             ; preds = %B662, %B584
  %.642 = add i64 %slot.2.1205, 1
  %slot.2.1 = and i64 %.642, %.33
  %.418 = getelementptr i32, ptr %arg.slots, i64 %slot.2.1
  %.419 = load i32, ptr %.418, align 4
  %.426 = icmp slt i32 %.419, 1
  br i1 %.426, label %B508, label %B584

B808:                                             ; preds = %B584.us, %B736, %B542
  %count.3.1 = phi i64 [ %.483, %B542 ], [ %count.2.0233, %B736 ], [ %count.2.0233, %B584.us ]
  %code.2.1 = phi i64 [ %count.2.0233, %B542 ], [ %.421206, %B736 ], [ %.421206.us, %B584.us ]
  %.656 = trunc i64 %code.2.1 to i32
  %.657 = getelementptr i32, ptr %arg.codes, i64 %.134214231
  store i32 %.656, ptr %.657, align 4
  %exitcond254.not = icmp eq i64 %arg.rows, %.141
  br i1 %exitcond254.not, label %common.ret, label %B168.endif.endif.endif.endif

B168.endif.endif.endif.endif:                     ; preds = %B808, %B168.preheader
  %count.2.0233 = phi i64 [ %count.3.1, %B808 ], [ 0, %B168.preheader ]
  %.134214231 = phi i64 [ %.141, %B808 ], [ 0, %B168.preheader ]
  %.141 = add nuw nsw i64 %.134214231, 1
  %.171 = getelementptr i32, ptr %arg.starts, i64 %.134214231
  %.172 = load i32, ptr %.171, align 4
  %.199 = getelementptr i32, ptr %arg.ends, i64 %.134214231
  %.200 = load i32, ptr %.199, align 4
  %.253 = sext i32 %.200 to i64
  %.254 = sext i32 %.172 to i64
  %.255 = sub nsw i64 %.253, %.254
  %.309 = icmp slt i64 %.255, 1
  br i1 %.309, label %B474.preheader, label %B378.preheader

B378.preheader:                                   ; preds = %B168.endif.endif.endif.endif
  %xtraiter = and i64 %.255, 1
  %lcmp.mod.not = icmp eq i64 %xtraiter, 0
  br i1 %lcmp.mod.not, label %B378.prol.loopexit, label %B378.prol

B378.prol:                                        ; preds = %B378.preheader
  %.360.prol = add nsw i64 %.255, -1
  %.364.prol = add nsw i64 %.254, 1
  %.390.prol = getelementptr i8, ptr %arg.text, i64 %.254
  %.391.prol = load i8, ptr %.390.prol, align 1
  %.392.prol = zext i8 %.391.prol to i64
  %.394.prol = xor i64 %arg.secret, %.392.prol
  %.396.prol = mul i64 %.394.prol, %const
  %.398.prol = lshr i64 %.396.prol, 29
  %.399.prol = xor i64 %.398.prol, %.396.prol
  br label %B378.prol.loopexit

B378.prol.loopexit:                               ; preds = %B378.prol, %B378.preheader
  %key.3.1194.unr = phi i64 [ %arg.secret, %B378.preheader ], [ %.399.prol, %B378.prol ]
  %.350189193.unr = phi i64 [ %.255, %B378.preheader ], [ %.360.prol, %B378.prol ]
  %.357190192.unr = phi i64 [ %.254, %B378.preheader ], [ %.364.prol, %B378.prol ]
  %.399.lcssa.unr = phi i64 [ poison, %B378.preheader ], [ %.399.prol, %B378.prol ]
  %1 = add nsw i64 %.253, -1
  %2 = icmp eq i64 %1, %.254
  br i1 %2, label %B474.preheader.thread, label %B378.preheader45

B378.preheader45:                                 ; preds = %B378.prol.loopexit
  %3 = add nsw i64 %.350189193.unr, 2
  %scevgep46 = getelementptr i8, ptr %scevgep, i64 %.357190192.unr
  br label %B378
}










attributes #0 = { nofree norecurse nosync nounwind memory(argmem: readwrite) }
attributes #1 = { noinline }

!0 = !{!"branch_weights", i32 49, i32 1}
