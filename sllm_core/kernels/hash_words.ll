; 108d0890c706d271a7cfa00d9bf3b584cc9376830e9f254fab7e63d65ec23ebe


; Function Attrs: nofree norecurse nosync nounwind memory(argmem: readwrite)
define noundef i32 @hash_words(ptr noalias writeonly captures(none) %retptr, ptr noalias readnone captures(none) %excinfo, ptr readonly captures(none) %arg.text, ptr readonly captures(none) %arg.ends, ptr readonly captures(none) %arg.classes, ptr readonly captures(none) %arg.secrets, ptr writeonly captures(none) %arg.hashes, i64 %arg.rows) local_unnamed_addr #0 {
B0.endif:
  %.116159.not = icmp slt i64 %arg.rows, 1
  br i1 %.116159.not, label %B678, label %B236.endif.lr.ph

B236.endif.lr.ph:                                 ; preds = %B0.endif
  %const = bitcast i64 -2960836687051489901 to i64
  br label %B236.endif

B374:                                             ; preds = %B374.preheader, %B679
  %lsr.iv = phi i32 [ %3, %B374.preheader ], [ %lsr.iv.next, %B679 ]
  %whole.4.1148 = phi i64 [ %whole.5.2, %B679 ], [ %.159, %B374.preheader ]
  %word.4.1147 = phi i64 [ %word.5.2, %B679 ], [ %.162, %B374.preheader ]
  %has_digit.3.1146 = phi i64 [ %has_digit.4.2, %B679 ], [ 0, %B374.preheader ]
  %.268142144 = phi i32 [ %.275, %B679 ], [ %.177, %B374.preheader ]
  %.301 = sext i32 %.268142144 to i64
  %.302 = getelementptr i8, ptr %arg.text, i64 %.301
  %.303 = load i8, ptr %.302, align 1
  %.309 = zext i8 %.303 to i64
  %.310 = getelementptr i8, ptr %arg.classes, i64 %.309
  %.311 = load i8, ptr %.310, align 1
  %.316 = zext i8 %.311 to i64
  %.317 = icmp eq i8 %.311, 2
  br i1 %.317, label %B420, label %B552

B420:                                             ; preds = %B374
  %.322.not = icmp eq i64 %has_digit.3.1146, 0
  %spec.select = select i1 %.322.not, i64 %word.4.1147, i64 %.159
  %.345 = xor i64 %spec.select, %whole.4.1148
  %.349 = mul i64 %.345, %const
  %.353 = getelementptr i64, ptr %arg.secrets, i64 %.309
  %.354 = load i64, ptr %.353, align 8
  %.357 = xor i64 %.354, %.349
  %.359 = lshr i64 %.357, 32
  %.360 = xor i64 %.359, %.357
  br label %B679

B552:                                             ; preds = %B374
  %.384 = getelementptr i64, ptr %arg.secrets, i64 %.309
  %.385 = load i64, ptr %.384, align 8
  %.389 = xor i64 %.385, %word.4.1147
  %.393 = mul i64 %.389, -7046029254386353131
  %.395 = mul i64 %.389, 3452378011804893184
  %.397 = lshr i64 %.393, 35
  %.398 = or disjoint i64 %.397, %.395
  %.404 = or i64 %has_digit.3.1146, %.316
  br label %B679

B614.loopexit:                                    ; preds = %B679
  %0 = icmp eq i64 %has_digit.4.2, 0
  %1 = select i1 %0, i64 %word.5.2, i64 %.159
  br label %B614

B614:                                             ; preds = %B614.loopexit, %B236.endif
  %has_digit.3.1.lcssa = phi i64 [ %.162, %B236.endif ], [ %1, %B614.loopexit ]
  %whole.4.1.lcssa = phi i64 [ %.159, %B236.endif ], [ %whole.5.2, %B614.loopexit ]
  %.440 = xor i64 %whole.4.1.lcssa, %has_digit.3.1.lcssa
  %.444 = mul i64 %.440, %const
  %.446 = lshr i64 %.444, 32
  %.447 = xor i64 %.446, %.444
  %.450 = getelementptr i64, ptr %arg.hashes, i64 %.122154160
  store i64 %.447, ptr %.450, align 8
  %exitcond.not = icmp eq i64 %.129, %arg.rows
  br i1 %exitcond.not, label %B678, label %B236.endif

B678:                                             ; preds = %B614, %B0.endif
  store ptr null, ptr %retptr, align 8
  ret i32 0

B679:                                             ; preds = %B552, %B420
  %whole.5.2 = phi i64 [ %.360, %B420 ], [ %whole.4.1148, %B552 ]
  %has_digit.4.2 = phi i64 [ 0, %B420 ], [ %.404, %B552 ]
  %word.5.2 = phi i64 [ %.162, %B420 ], [ %.398, %B552 ]
  %lsr.iv.next = add i32 %lsr.iv, -1
  %.275 = add i32 %.268142144, 1
  %.262 = icmp samesign ugt i32 %lsr.iv.next, 1
  br i1 %.262, label %B374, label %B614.loopexit

B236.endif:                                       ; preds = %B236.endif.lr.ph, %B614
  %.122154160 = phi i64 [ 0, %B236.endif.lr.ph ], [ %.129, %B614 ]
  %.129 = add nuw nsw i64 %.122154160, 1
  %sunkaddr = getelementptr i8, ptr %arg.secrets, i64 2048
  %.159 = load i64, ptr %sunkaddr, align 8
  %.162 = load i64, ptr %arg.secrets, align 8
  %.176 = getelementptr i32, ptr %arg.ends, i64 %.122154160
  %.177 = load i32, ptr %.176, align 4
  %.181 = getelementptr i8, ptr %.176, i64 4
  %.182 = load i32, ptr %.181, align 4
  %.219 = sub i32 %.182, %.177
  %.262143.not = icmp slt i32 %.219, 1
  br i1 %.262143.not, label %B614, label %B374.preheader

B374.preheader:                                   ; preds = %B236.endif
  %2 = add i32 %.182, 1
  %3 = sub i32 %2, %.177
  br label %B374
}


attributes #0 = { nofree norecurse nosync nounwind memory(argmem: readwrite) }
attributes #1 = { noinline }
