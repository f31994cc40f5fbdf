; da0a30d8d03216a165271f8fc628441b97bd86a3333f6dd0c3988409d21d1eb2


; Function Attrs: nofree norecurse nosync nounwind memory(argmem: readwrite)
define noundef range(i32 -1, -2) i32 @read_minutes(ptr noalias writeonly captures(none) %retptr, ptr noalias readnone captures(none) %excinfo, ptr readonly captures(none) %arg.text, ptr readonly captures(none) %arg.starts, i64 %arg.rows, ptr readonly captures(none) %arg.template, ptr readonly captures(none) %arg.kinds, i64 %arg.width, i64 %arg.year, ptr readonly captures(none) %arg.months, ptr captures(none) %arg.fields, ptr captures(none) %arg.times) local_unnamed_addr #0 {
B0.endif:
  %.117504.not = icmp slt i64 %arg.rows, 1
  br i1 %.117504.not, label %common.ret, label %B42.lr.ph

B42.lr.ph:                                        ; preds = %B0.endif
  %smax = tail call i64 @llvm.smax.i64(i64 %arg.width, i64 1)
  %0 = add nsw i64 %smax, -1
  %scevgep = getelementptr i8, ptr %arg.text, i64 1
  %scevgep15 = getelementptr i8, ptr %arg.text, i64 1
  br label %B42.endif

B102:                                             ; preds = %B42.endif
  %1 = icmp sgt i64 %arg.width, 0
  br i1 %1, label %B114.endif, label %B320

B200:                                             ; preds = %B200.preheader, %B222.endif
  %place.3.2 = phi i64 [ %.262, %B222.endif ], [ 0, %B200.preheader ]
  %exitcond.not = icmp eq i64 %0, %place.3.2
  br i1 %exitcond.not, label %B320, label %B222.endif

B320:                                             ; preds = %B200, %B222.endif, %B102, %B114.endif
  %place.4.1299 = phi i64 [ 0, %B102 ], [ 0, %B114.endif ], [ %smax, %B200 ], [ %.262, %B222.endif ]
  %.342 = icmp eq i64 %place.4.1299, %arg.width
  br i1 %.342, label %B332, label %B356.endif.endif

B332:                                             ; preds = %B320
  %.354 = getelementptr i64, ptr %arg.times, i64 %before.2.0515
  %.355 = load i64, ptr %.354, align 8
  br label %B1365

B544:                                             ; preds = %B438.endif.endif
  %2 = trunc i64 %.781 to i8
  %.695 = getelementptr i8, ptr %arg.template, i64 %.583439442
  %.696 = load i8, ptr %.695, align 1
  %.700 = icmp eq i8 %2, %.696
  br label %B662

B580:                                             ; preds = %B438.endif.endif
  %3 = trunc i64 %promoted to i8
  %4 = add i8 %3, -48
  %spec.select = icmp ult i8 %4, 10
  br label %B662

B628:                                             ; preds = %B438.endif.endif
  %.761 = getelementptr i64, ptr %arg.fields, i64 %.684
  %.762 = load i64, ptr %.761, align 8
  %.763 = shl i64 %.762, 8
  %5 = or i64 %promoted, 32
  %.769 = or disjoint i64 %.763, %5
  br label %B694

B662:                                             ; preds = %B580, %B544
  %"$phi610.3.4.3.ph" = phi i1 [ %spec.select, %B580 ], [ %.700, %B544 ]
  %.746305 = and i1 %good.3.2444, %"$phi610.3.4.3.ph"
  %.777 = getelementptr i64, ptr %arg.fields, i64 %.684
  %.778 = load i64, ptr %.777, align 8
  %.779 = mul nsw i64 %.778, 10
  %.782 = add nsw i64 %.781, -48
  %.785 = add i64 %.782, %.779
  br label %B694

B694:                                             ; preds = %B662, %B628
  %.746311 = phi i1 [ %good.3.2444, %B628 ], [ %.746305, %B662 ]
  %"$phi694.2.2.3" = phi i64 [ %.769, %B628 ], [ %.785, %B662 ]
  %.798 = getelementptr i64, ptr %arg.fields, i64 %.684
  store i64 %"$phi694.2.2.3", ptr %.798, align 8
  %exitcond559.not = icmp eq i64 %arg.width, %.590
  br i1 %exitcond559.not, label %B704.endif.endif.loopexit, label %B438.endif.endif

B822:                                             ; preds = %B356.endif.endif, %B704.endif.endif.loopexit
  %.945 = phi i64 [ 0, %B356.endif.endif ], [ %.945.pre, %B704.endif.endif.loopexit ]
  %.813 = phi i64 [ 0, %B356.endif.endif ], [ %.813.pre, %B704.endif.endif.loopexit ]
  %.816 = phi i64 [ 0, %B356.endif.endif ], [ %.816.pre, %B704.endif.endif.loopexit ]
  %good.3.2.lcssa = phi i1 [ true, %B356.endif.endif ], [ %.746311, %B704.endif.endif.loopexit ]
  %6 = icmp sgt i64 %arg.year, -1
  %.949 = load i64, ptr %arg.months, align 8
  %.950 = icmp eq i64 %.945, %.949
  %spec.select418 = select i1 %.950, i64 1, i64 %.813
  %sunkaddr = getelementptr i8, ptr %arg.months, i64 8
  %.949.1 = load i64, ptr %sunkaddr, align 8
  %.950.1 = icmp eq i64 %.945, %.949.1
  %spec.select418.1 = select i1 %.950.1, i64 2, i64 %spec.select418
  %sunkaddr18 = getelementptr i8, ptr %arg.months, i64 16
  %.949.2 = load i64, ptr %sunkaddr18, align 8
  %.950.2 = icmp eq i64 %.945, %.949.2
  %spec.select418.2 = select i1 %.950.2, i64 3, i64 %spec.select418.1
  %sunkaddr19 = getelementptr i8, ptr %arg.months, i64 24
  %.949.3 = load i64, ptr %sunkaddr19, align 8
  %.950.3 = icmp eq i64 %.945, %.949.3
  %spec.select418.3 = select i1 %.950.3, i64 4, i64 %spec.select418.2
  %sunkaddr20 = getelementptr i8, ptr %arg.months, i64 32
  %.949.4 = load i64, ptr %sunkaddr20, align 8
  %.950.4 = icmp eq i64 %.945, %.949.4
  %spec.select418.4 = select i1 %.950.4, i64 5, i64 %spec.select418.3
  %sunkaddr21 = getelementptr i8, ptr %arg.months, i64 40
  %.949.5 = load i64, ptr %sunkaddr21, align 8
  %.950.5 = icmp eq i64 %.945, %.949.5
  %spec.select418.5 = select i1 %.950.5, i64 6, i64 %spec.select418.4
  %sunkaddr22 = getelementptr i8, ptr %arg.months, i64 48
  %.949.6 = load i64, ptr %sunkaddr22, align 8
  %.950.6 = icmp eq i64 %.945, %.949.6
  %spec.select418.6 = select i1 %.950.6, i64 7, i64 %spec.select418.5
  %sunkaddr23 = getelementptr i8, ptr %arg.months, i64 56
  %.949.7 = load i64, ptr %sunkaddr23, align 8
  %.950.7 = icmp eq i64 %.945, %.949.7
  %spec.select418.7 = select i1 %.950.7, i64 8, i64 %spec.select418.6
  %sunkaddr24 = getelementptr i8, ptr %arg.months, i64 64
  %.949.8 = load i64, ptr %sunkaddr24, align 8
  %.950.8 = icmp eq i64 %.945, %.949.8
  %spec.select418.8 = select i1 %.950.8, i64 9, i64 %spec.select418.7
  %sunkaddr25 = getelementptr i8, ptr %arg.months, i64 72
  %.949.9 = load i64, ptr %sunkaddr25, align 8
  %.950.9 = icmp eq i64 %.945, %.949.9
  %spec.select418.9 = select i1 %.950.9, i64 10, i64 %spec.select418.8
  %sunkaddr26 = getelementptr i8, ptr %arg.months, i64 80
  %.949.10 = load i64, ptr %sunkaddr26, align 8
  %.950.10 = icmp eq i64 %.945, %.949.10
  %spec.select418.10 = select i1 %.950.10, i64 11, i64 %spec.select418.9
  %sunkaddr27 = getelementptr i8, ptr %arg.months, i64 88
  %.949.11 = load i64, ptr %sunkaddr27, align 8
  %.950.11 = icmp eq i64 %.945, %.949.11
  %spec.select418.11 = select i1 %.950.11, i64 12, i64 %spec.select418.10
  br i1 %6, label %B834, label %B856

B834:                                             ; preds = %B822
  %sunkaddr28 = getelementptr i8, ptr %arg.fields, i64 16
  %.985 = load i64, ptr %sunkaddr28, align 8
  %.987 = add nsw i64 %.985, %arg.year
  br label %B904

B856:                                             ; preds = %B822
  %sunkaddr29 = getelementptr i8, ptr %arg.fields, i64 24
  %.994 = load i64, ptr %sunkaddr29, align 8
  %.998 = icmp slt i64 %.994, 70
  %spec.select419 = select i1 %.998, i64 2000, i64 1900
  %.1012 = add nsw i64 %spec.select419, %.994
  br label %B904

B904:                                             ; preds = %B856, %B834
  %"$phi904.1.2.2" = phi i64 [ %.987, %B834 ], [ %.1012, %B856 ]
  %.1027 = icmp sgt i64 %spec.select418.11, 7
  %month.2.2.tr = trunc i64 %spec.select418.11 to i1
  %.1031.narrow = xor i1 %.1027, %month.2.2.tr
  %.1033 = select i1 %.1031.narrow, i64 31, i64 30
  %.1038 = icmp eq i64 %spec.select418.11, 2
  br i1 %.1038, label %B948.else.if, label %B1008

B1008:                                            ; preds = %B968.else.if, %B948.else.if, %B986.else.if, %B904
  %last.2.2 = phi i64 [ %.1033, %B904 ], [ 28, %B948.else.if ], [ %17, %B986.else.if ], [ 29, %B968.else.if ]
  %7 = add i64 %"$phi904.1.2.2", -1970
  %or.cond = icmp ult i64 %7, 230
  %8 = add i64 %spec.select418.11, -1
  %or.cond523 = icmp ult i64 %8, 12
  %or.cond584 = select i1 %or.cond, i1 %or.cond523, i1 false
  br i1 %or.cond584, label %B1074, label %B1365

B1074:                                            ; preds = %B1008
  %.1305 = icmp sgt i64 %.816, 0
  %.1323 = icmp samesign ule i64 %.816, %last.2.2
  %or.cond420 = select i1 %.1305, i1 %.1323, i1 false
  br i1 %or.cond420, label %B1106, label %B1365

B1106:                                            ; preds = %B1074
  %sunkaddr30 = getelementptr i8, ptr %arg.fields, i64 48
  %.1361 = load i64, ptr %sunkaddr30, align 8
  %.1362 = icmp slt i64 %.1361, 24
  br i1 %.1362, label %B1152, label %B1365

B1152:                                            ; preds = %B1106
  %sunkaddr31 = getelementptr i8, ptr %arg.fields, i64 56
  %.1368 = load i64, ptr %sunkaddr31, align 8
  %.1369 = icmp slt i64 %.1368, 60
  %.1377 = and i1 %good.3.2.lcssa, %.1369
  br i1 %.1377, label %B1288, label %B1365

B1288:                                            ; preds = %B1152
  %.1386 = icmp samesign ult i64 %spec.select418.11, 3
  %spec.select421 = select i1 %.1386, i64 9, i64 65533
  %.1389.neg = sext i1 %.1386 to i64
  %.1390 = add nsw i64 %"$phi904.1.2.2", %.1389.neg
  %.1482.neg565.lhs.trunc = trunc nuw nsw i64 %.1390 to i16
  %.1482.neg565566 = udiv i16 %.1482.neg565.lhs.trunc, 100
  %.1482.neg565.zext = zext nneg i16 %.1482.neg565566 to i64
  %.1422 = mul nuw nsw i64 %.1390, 365
  %.1430.1 = lshr i64 %.1390, 2
  %.1523569570 = udiv i16 %.1482.neg565.lhs.trunc, 400
  %.1523569.zext = zext nneg i16 %.1523569570 to i64
  %.1414 = add nuw nsw i64 %spec.select421, %spec.select418.11
  %9 = trunc i64 %.1414 to i16
  %10 = mul i16 %9, 153
  %.1566.lhs.trunc = add i16 %10, 2
  %.1566573 = sdiv i16 %.1566.lhs.trunc, 5
  %.1566.sext = sext i16 %.1566573 to i64
  %.1567574 = srem i16 %.1566.lhs.trunc, 5
  %11 = ashr i16 %.1567574, 15
  %.1567.lobit = sext i16 %11 to i64
  %.1471.1.neg = add nsw i64 %.816, %.1566.sext
  %.1463 = add nsw i64 %.1471.1.neg, %.1567.lobit
  %.1504 = add nsw i64 %.1463, %.1430.1
  %.1512.1 = add nsw i64 %.1504, %.1422
  %.1545 = add nuw nsw i64 %.1512.1, %.1523569.zext
  %.1555.1 = sub nuw nsw i64 %.1545, %.1482.neg565.zext
  %12 = mul nuw nsw i64 %.1555.1, 24
  %.1602 = add nsw i64 %12, -17267256
  %.1608 = add nsw i64 %.1602, %.1361
  %.1609 = mul nsw i64 %.1608, 60
  %.1613 = add nsw i64 %.1368, %.1609
  %.1614 = mul nsw i64 %.1613, 60000000
  br label %B1365

common.ret:                                       ; preds = %B1365, %B0.endif
  store ptr null, ptr %retptr, align 8
  ret i32 0

B1365:                                            ; preds = %B1288, %B1152, %B1106, %B1074, %B1008, %B332
  %"$phi1348.1.2.2.sink" = phi i64 [ %.355, %B332 ], [ %.1614, %B1288 ], [ -1, %B1152 ], [ -1, %B1008 ], [ -1, %B1106 ], [ -1, %B1074 ]
  %before.3.1 = phi i64 [ %before.2.0515, %B332 ], [ %.123463513, %B1288 ], [ %.123463513, %B1152 ], [ %.123463513, %B1008 ], [ %.123463513, %B1106 ], [ %.123463513, %B1074 ]
  %.1627 = getelementptr i64, ptr %arg.times, i64 %.123463513
  store i64 %"$phi1348.1.2.2.sink", ptr %.1627, align 8
  %exitcond561.not = icmp eq i64 %.130, %arg.rows
  br i1 %exitcond561.not, label %common.ret, label %B42.endif

B42.endif:                                        ; preds = %B1365, %B42.lr.ph
  %before.2.0515 = phi i64 [ -1, %B42.lr.ph ], [ %before.3.1, %B1365 ]
  %.123463513 = phi i64 [ 0, %B42.lr.ph ], [ %.130, %B1365 ]
  %.130 = add nuw nsw i64 %.123463513, 1
  %.160 = getelementptr i32, ptr %arg.starts, i64 %.123463513
  %.161 = load i32, ptr %.160, align 4
  %.215 = sext i32 %.161 to i64
  %.197 = icmp sgt i64 %before.2.0515, -1
  br i1 %.197, label %B102, label %B356.endif.endif

B114.endif:                                       ; preds = %B102
  %.218 = getelementptr i8, ptr %arg.text, i64 %.215
  %.219 = load i8, ptr %.218, align 1
  %.222 = getelementptr i32, ptr %arg.starts, i64 %before.2.0515
  %.223 = load i32, ptr %.222, align 4
  %.249 = sext i32 %.223 to i64
  %.254 = getelementptr i8, ptr %arg.text, i64 %.249
  %.255 = load i8, ptr %.254, align 1
  %.256 = icmp eq i8 %.219, %.255
  br i1 %.256, label %B200.preheader, label %B320

B200.preheader:                                   ; preds = %B114.endif
  %scevgep13 = getelementptr i8, ptr %scevgep, i64 %.249
  %scevgep16 = getelementptr i8, ptr %scevgep15, i64 %.215
  br label %B200

B222.endif:                                       ; preds = %B200
  %.262 = add nuw nsw i64 %place.3.2, 1
  %scevgep17 = getelementptr i8, ptr %scevgep16, i64 %place.3.2
  %.287 = load i8, ptr %scevgep17, align 1
  %scevgep14 = getelementptr i8, ptr %scevgep13, i64 %place.3.2
  %.323 = load i8, ptr %scevgep14, align 1
  %.324 = icmp eq i8 %.287, %.323
  br i1 %.324, label %B200, label %B320

B356.endif.endif:                                 ; preds = %B320, %B42.endif
  %13 = icmp slt i64 %arg.width, 1
  tail call void @llvm.memset.p0.i64(ptr noundef nonnull align 8 dereferenceable(64) %arg.fields, i8 0, i64 64, i1 false)
  br i1 %13, label %B822, label %B438.lr.ph

B438.lr.ph:                                       ; preds = %B356.endif.endif
  %14 = trunc i64 %.215 to i32
  %.620 = sext i32 %14 to i64
  %invariant.gep447 = getelementptr i8, ptr %arg.text, i64 %.620
  br label %B438.endif.endif

B438.endif.endif:                                 ; preds = %B438.lr.ph, %B694
  %good.3.2444 = phi i1 [ true, %B438.lr.ph ], [ %.746311, %B694 ]
  %.583439442 = phi i64 [ 0, %B438.lr.ph ], [ %.590, %B694 ]
  %.590 = add nuw nsw i64 %.583439442, 1
  %gep448 = getelementptr i8, ptr %invariant.gep447, i64 %.583439442
  %.624 = load i8, ptr %gep448, align 1
  %.781 = zext i8 %.624 to i64
  %promoted = zext i8 %.624 to i64
  %.651 = getelementptr i8, ptr %arg.kinds, i64 %.583439442
  %.652 = load i8, ptr %.651, align 1
  %.684 = zext i8 %.652 to i64
  %15 = zext i8 %.652 to i32
  switch i32 %15, label %B580 [
    i32 0, label %B544
    i32 1, label %B628
  ]

B704.endif.endif.loopexit:                        ; preds = %B694
  %sunkaddr32 = getelementptr i8, ptr %arg.fields, i64 40
  %.816.pre = load i64, ptr %sunkaddr32, align 8
  %sunkaddr33 = getelementptr i8, ptr %arg.fields, i64 32
  %.813.pre = load i64, ptr %sunkaddr33, align 8
  %sunkaddr34 = getelementptr i8, ptr %arg.fields, i64 8
  %.945.pre = load i64, ptr %sunkaddr34, align 8
  br label %B822

B948.else.if:                                     ; preds = %B904
  %16 = and i64 %"$phi904.1.2.2", 3
  %.1083 = icmp eq i64 %16, 0
  br i1 %.1083, label %B968.else.if, label %B1008

B968.else.if:                                     ; preds = %B948.else.if
  %.1111 = srem i64 %"$phi904.1.2.2", 100
  %.1132.not = icmp eq i64 %.1111, 0
  br i1 %.1132.not, label %B986.else.if, label %B1008

B986.else.if:                                     ; preds = %B968.else.if
  %.1156 = srem i64 %"$phi904.1.2.2", 400
  %.1158 = icmp slt i64 %.1156, 0
  %.1167 = add nsw i64 %.1156, 400
  %.1147.1 = select i1 %.1158, i64 %.1167, i64 %.1156
  %.1177 = icmp eq i64 %.1147.1, 0
  %17 = select i1 %.1177, i64 29, i64 28
  br label %B1008
}

; Function Attrs: mustprogress nocallback nocreateundeforpoison nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.smax.i64(i64, i64) #1

; Function Attrs: mustprogress nocallback nofree nounwind willreturn memory(argmem: write)
declare void @llvm.memset.p0.i64(ptr writeonly captures(none), i8, i64, i1 immarg) #2










attributes #0 = { nofree norecurse nosync nounwind memory(argmem: readwrite) }
attributes #1 = { mustprogress nocallback nocreateundeforpoison nofree nosync nounwind speculatable willreturn memory(none) }
attributes #2 = { mustprogress nocallback nofree nounwind willreturn memory(argmem: write) }
attributes #3 = { noinline }

!0 = !{!"branch_weights", i32 49, i32 1}
